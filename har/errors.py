"""Errors that users can cause.

HarError            the message says what was received, what was expected and what to do
├── SettingsError, DiskFull, TooMuchStored, LocationError, FfmpegMissing, TensorFlowMissing, UploadTooLarge,
│                   UploadMissing, OptionsError, LabelsError
├── ScoresDamaged, AnnotationMissing, CorrectionsInvalid, CorrectionsOutdated, GroundTruthInvalid,
│                   LinkMissing
├── VideoError      VideoMissing, VideoEmpty, NotAVideo, PlaylistRefused, NoVideoStream, NoFrames, VideoTooLarge,
│                   VideoTooLong, FrameTooLarge, VideoStalled, EncodingFailed
│                   └── EncodingLimited
├── ClassifierError ClassifierMissing, ClassifierDamaged, ClassifierExists, ClassifierChanged
├── DatasetError    DatasetMissing, DatasetTooSmall, DatasetTooLarge, ArchiveRefused, DownloadFailed,
│                   DownloadDamaged, DownloadBusy
├── YouTubeError    AddressInvalid, YouTubeRefused, YouTubeUnavailable, YouTubeUnreachable, ExtractorOutdated,
│                   FetchFailed, YouTubeBusy
├── JobError        JobMissing, QueueFull, TooManyJobs, JobTooLong, WorkerDied, SchedulerUnreachable,
│                   WorkersIncompatible
├── LiveError       LiveBusy, LiveEnded, FrameRefused
└── TrainingError   TrainingFailed, TrainingTooLarge, RunMissing, TooManyRuns

StopRequested       not an error: a long function was asked to stop
"""


class HarError(Exception):
    """Anything a user can cause. `str()` is a message for users: what was received, what was expected, what to do."""

    def __init__(self, received: str, expected: str, remedy: str) -> None:
        super().__init__(received, expected, remedy)  # all three in `args`, so that the error survives pickling
        self.received = received
        self.expected = expected
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.received} {self.expected} {self.remedy}"

    def renaming(self, name: str, other: str) -> "HarError":
        """The same error with another file name: users know their own, not the one it is stored under."""
        return type(self)(*(text.replace(name, other) for text in self.args))


class SettingsError(HarError):
    """An environment variable with an invalid value."""


class TooMuchStored(HarError):
    """One visitor uses too much of the disk."""


class DiskFull(HarError):
    """No room left on the disk."""


class LocationError(HarError):
    """A path or URL that cannot be reached, read or written."""


class FfmpegMissing(HarError):
    """The ffmpeg program cannot be started."""


class TensorFlowMissing(HarError):
    """TensorFlow is not installed, which training, heatmaps and conversion need."""


class UploadTooLarge(HarError):
    """A file larger than the limit for uploads."""


class UploadMissing(HarError):
    """An uploaded file that was removed before it was used."""


class OptionsError(HarError):
    """An option outside its range."""


class LabelsError(HarError):
    """Labels that the classifier does not have."""


class ScoresDamaged(HarError):
    """Stored scores that cannot be read."""


class AnnotationMissing(HarError):
    """A folder without the expected result."""


class CorrectionsInvalid(HarError):
    """Corrections that cannot be read, or do not fit the video."""


class GroundTruthInvalid(HarError):
    """A ground truth table that cannot be read, or does not fit the video."""


class CorrectionsOutdated(HarError):
    """A change that is based on outdated corrections."""


class LinkMissing(HarError):
    """A shared link that does not exist or has expired."""


class VideoError(HarError):
    """A video that cannot be used."""


class VideoMissing(VideoError):
    """No such file, or a folder."""


class VideoEmpty(VideoError):
    """A file of 0 bytes."""


class NotAVideo(VideoError):
    """A file in none of the permitted containers."""


class PlaylistRefused(VideoError):
    """A list of other files (HLS, DASH, concat) that poses as a video."""


class NoVideoStream(VideoError):
    """Only sound."""


class NoFrames(VideoError):
    """A video stream without a frame that can be decoded."""


class VideoTooLarge(VideoError):
    """More bytes than the limit."""


class VideoTooLong(VideoError):
    """More seconds than the limit."""


class FrameTooLarge(VideoError):
    """More pixels per frame than the limit."""


class VideoStalled(VideoError):
    """Ffmpeg made no progress while reading it."""


class EncodingFailed(VideoError):
    """A video that was read but cannot be written."""


class EncodingLimited(EncodingFailed):
    """Writing it takes more time, memory or disk space than there is."""


class ClassifierError(HarError):
    """A classifier that cannot be used."""


class ClassifierMissing(ClassifierError):
    """No classifier of that name, or no such folder."""


class ClassifierDamaged(ClassifierError):
    """A card or weights that cannot be read, or do not fit each other."""


class ClassifierExists(ClassifierError):
    """A name that is already used."""


class ClassifierChanged(ClassifierError):
    """Not the classifier that computed the stored scores."""


class DatasetError(HarError):
    """Labelled videos that cannot be used."""


class DatasetMissing(DatasetError):
    """No such data set or folder."""


class DatasetTooSmall(DatasetError):
    """Too few clips, labels or groups."""


class DatasetTooLarge(DatasetError):
    """As many clips or labels as allowed."""


class ArchiveRefused(DatasetError):
    """An archive that cannot be read, or exceeds a limit."""


class DownloadFailed(DatasetError):
    """A server that does not answer, does not support ranges, or closes the connection."""


class DownloadDamaged(DatasetError):
    """A file that differs from what the server's list says."""


class DownloadBusy(DatasetError):
    """Another download is running."""


class YouTubeError(HarError):
    """A YouTube video that cannot be used."""


class AddressInvalid(YouTubeError):
    """Not the address of a YouTube video."""


class YouTubeRefused(YouTubeError):
    """YouTube blocks this server, or limits its requests."""


class YouTubeUnavailable(YouTubeError):
    """A video that is private, removed, live, for members only, and so on."""


class YouTubeUnreachable(YouTubeError):
    """No network, or no answer in time."""


class YouTubeBusy(YouTubeError):
    """Too many lookups are waiting."""


class ExtractorOutdated(YouTubeError):
    """The installed yt-dlp does not understand YouTube's answer, or lacks a component for it."""


class FetchFailed(YouTubeError):
    """The server with the video refuses, stalls or closes the connection."""


class JobError(HarError):
    """A job that cannot be started, found or finished."""


class JobMissing(JobError):
    """No job with that id, or it has expired."""


class QueueFull(JobError):
    """Too many jobs are waiting."""


class TooManyJobs(JobError):
    """One visitor has too many unfinished jobs."""


class JobTooLong(JobError):
    """A job on files took longer than allowed."""


class WorkerDied(JobError):
    """The worker process was killed or ran out of memory."""


class SchedulerUnreachable(JobError):
    """No scheduler answers at the address, or the connection to it was lost."""


class WorkersIncompatible(JobError):
    """Workers without this program, or with another version of it."""


class LiveError(HarError):
    """A classifier that cannot be tried live."""


class LiveBusy(LiveError):
    """As many visitors as are let in are doing that."""


class LiveEnded(LiveError):
    """A visit that has lasted too long, or is over."""


class FrameRefused(LiveError):
    """Frames that are too many, too large, of another size, or cannot be read."""


class TrainingError(HarError):
    """A training that cannot be started, found or finished."""


class TrainingFailed(TrainingError):
    """The loss is not a finite number."""


class TrainingTooLarge(TrainingError):
    """It would take more time or memory than allowed."""


class RunMissing(TrainingError):
    """No training run with that id, or it has expired."""


class TooManyRuns(TrainingError):
    """One owner has too many runs."""


class StopRequested(Exception):
    """A long function was asked to stop: return what is complete, or clean up and raise it again."""
