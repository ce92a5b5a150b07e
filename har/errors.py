"""What can go wrong through no fault of the code.

HarError                      anything a user can cause; its message says what came, what was expected, what to do
├── SettingsError             an environment variable that cannot be understood
├── DiskFull                  no room left for what was to be kept
├── FfmpegMissing             the program that reads and writes videos cannot be started
├── VideoError
│   ├── VideoMissing          no such file, or a folder
│   ├── VideoEmpty            a file of no bytes
│   ├── NotAVideo             bytes that no permitted container explains
│   ├── PlaylistRefused       a list of other files (HLS, DASH, concat) under a video's name
│   ├── NoVideoStream         sound only
│   ├── NoFrames              a video stream out of which no frame can be decoded
│   ├── VideoTooBig           more bytes than the limit
│   ├── VideoTooLong          more seconds than the limit
│   ├── FrameTooBig           more pixels a frame than the limit
│   ├── VideoStalled          ffmpeg stood still while it was read
│   └── EncodingFailed        a video that could be read but not written again
├── UploadRefused             a file that is larger than its box takes
├── ScoresDamaged             stored scores that cannot be read
├── TruthRefused              a table of what truly happens that cannot be understood, or not of this video
├── AnnotationMissing         a folder without the result that was expected there
├── CorrectionsRefused        corrections of a timeline that cannot be one, or a file of them that cannot be read
├── LinkMissing               a shared link that leads nowhere, or nowhere any more
├── LabelsError               labels that the classifier does not have
├── OptionsError              a number outside its range
├── ClassifierError
│   ├── ClassifierMissing     no classifier of that name, no such folder
│   ├── ClassifierDamaged     a card or weights that cannot be read, or do not fit each other
│   ├── ClassifierExists      a name that is taken
│   └── ClassifierChanged     not the one any more that gave the stored scores
├── DatasetError
│   ├── DatasetMissing        no such data set or folder
│   ├── DatasetTooSmall       too few clips, labels or groups for what was asked
│   ├── ArchiveRefused        an archive that cannot be read, or holds more than is allowed
│   ├── DownloadFailed        a server that does not answer, does not let parts be fetched, or breaks off
│   ├── DownloadDamaged       what came is not what the server's list promised
│   └── DownloadBusy          another download is under way
├── YouTubeError
│   ├── AddressRefused        an address that is not one of a video on YouTube
│   ├── YouTubeRefused        YouTube does not answer this server, or not so often
│   ├── YouTubeUnavailable    a video that cannot be had: private, removed, live, for members, …
│   ├── YouTubeUnreachable    no network, or no answer in time
│   ├── ExtractorOutdated     yt-dlp does not understand what YouTube answers, or lacks what it needs for it
│   └── FetchFailed           the video's own server refuses, stalls or breaks off
├── JobError
│   ├── JobMissing            no job of that id, or its time is up
│   ├── QueueFull             too many jobs waiting
│   ├── TooManyJobs           more unfinished jobs than one visitor may have
│   ├── WorkerDied            the process doing the work was killed or ran out of memory
│   ├── SchedulerUnreachable  nobody answers at the address, or not any more
│   └── WorkersUnfit          workers without this program, or with another version of it
└── TrainingError
    ├── TrainingFailed        a loss that is not a number
    ├── TrainingTooBig        it would take more time or memory than is allowed
    ├── RunMissing            no training run of that id, or its time is up
    └── TooManyRuns           more runs than one owner may keep

StopRequested                 not an error: somebody asked a long function to end now
"""


class HarError(Exception):
    """Anything a user can cause. `str()` is a message fit to be shown: three short sentences.

    Args:
        received: what came, as a sentence.
        expected: what would have been right, as a sentence.
        remedy: what to do now, as a sentence.
    """

    def __init__(self, received: str, expected: str, remedy: str) -> None:
        super().__init__(received, expected, remedy)  # all three in args, so that it survives pickling
        self.received = received
        self.expected = expected
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.received} {self.expected} {self.remedy}"

    def calling(self, name: str, otherwise: str) -> "HarError":
        """The same error where what it calls `name`, a file kept under a name of ours, is called otherwise."""
        return type(self)(*(text.replace(name, otherwise) for text in self.args))


class SettingsError(HarError):
    """An environment variable that cannot be understood."""


class DiskFull(HarError):
    """No room left for what was to be kept."""


class PlaceError(HarError):
    """A folder or URL for files that cannot be reached, read or written."""


class FfmpegMissing(HarError):
    """The program that reads and writes videos cannot be started."""


class VideoError(HarError):
    """A video that cannot be used."""


class VideoMissing(VideoError):
    """No such file, or a folder."""


class VideoEmpty(VideoError):
    """A file of no bytes."""


class NotAVideo(VideoError):
    """Bytes that no permitted container explains."""


class PlaylistRefused(VideoError):
    """A list of other files under a video's name."""


class NoVideoStream(VideoError):
    """Sound only."""


class NoFrames(VideoError):
    """A video stream out of which no frame can be decoded."""


class VideoTooBig(VideoError):
    """More bytes than the limit."""


class VideoTooLong(VideoError):
    """More seconds than the limit."""


class FrameTooBig(VideoError):
    """More pixels a frame than the limit."""


class VideoStalled(VideoError):
    """Ffmpeg stood still while it was read."""


class EncodingFailed(VideoError):
    """A video that could be read but not written again."""


class UploadRefused(HarError):
    """A file that is larger than its box takes."""


class ScoresDamaged(HarError):
    """Stored scores that cannot be read."""


class TruthRefused(HarError):
    """A table of what truly happens that cannot be understood, or not of this video."""


class AnnotationMissing(HarError):
    """A folder without the result that was expected there."""


class CorrectionsRefused(HarError):
    """Corrections of a timeline that cannot be one, or a file of them that cannot be read."""


class LinkMissing(HarError):
    """A shared link that leads nowhere, or nowhere any more."""


class LabelsError(HarError):
    """Labels that the classifier does not have."""


class OptionsError(HarError):
    """A number outside its range."""


class ClassifierError(HarError):
    """A classifier that cannot be used."""


class ClassifierMissing(ClassifierError):
    """No classifier of that name, no such folder."""


class ClassifierDamaged(ClassifierError):
    """A card or weights that cannot be read, or do not fit each other."""


class ClassifierExists(ClassifierError):
    """A name that is taken."""


class ClassifierChanged(ClassifierError):
    """Not the one any more that gave the stored scores."""


class DatasetError(HarError):
    """Labelled videos that cannot be used."""


class DatasetMissing(DatasetError):
    """No such data set or folder."""


class DatasetTooSmall(DatasetError):
    """Too few clips, labels or groups for what was asked."""


class ArchiveRefused(DatasetError):
    """An archive that cannot be read, or holds more than is allowed."""


class DownloadFailed(DatasetError):
    """A server that does not answer, does not let parts be fetched, or breaks off."""


class DownloadDamaged(DatasetError):
    """What came is not what the server's list promised."""


class DownloadBusy(DatasetError):
    """Another download is under way."""


class YouTubeError(HarError):
    """A video on YouTube that cannot be used."""


class AddressRefused(YouTubeError):
    """An address that is not one of a video on YouTube."""


class YouTubeRefused(YouTubeError):
    """YouTube does not answer this server, or not so often."""


class YouTubeUnavailable(YouTubeError):
    """A video that cannot be had: private, removed, live, for members, and so on."""


class YouTubeUnreachable(YouTubeError):
    """No network, or no answer in time."""


class ExtractorOutdated(YouTubeError):
    """The installed yt-dlp does not understand what YouTube answers, or lacks what it needs for it."""


class FetchFailed(YouTubeError):
    """The video's own server refuses, stalls or breaks off."""


class JobError(HarError):
    """Long work that cannot be started, found or finished."""


class JobMissing(JobError):
    """No job of that id, or its time is up."""


class QueueFull(JobError):
    """Too many jobs waiting."""


class TooManyJobs(JobError):
    """More unfinished jobs than one visitor may have."""


class WorkerDied(JobError):
    """The process doing the work was killed or ran out of memory."""


class SchedulerUnreachable(JobError):
    """Nobody answers at the scheduler's address, or not any more."""


class WorkersUnfit(JobError):
    """Workers without this program, or with another version of it."""


class TrainingError(HarError):
    """A training that cannot be begun, found or finished."""


class TrainingFailed(TrainingError):
    """A loss that is not a number."""


class TrainingTooBig(TrainingError):
    """It would take more time or memory than is allowed."""


class RunMissing(TrainingError):
    """No training run of that id, or its time is up."""


class TooManyRuns(TrainingError):
    """More runs than one owner may keep."""


class StopRequested(Exception):
    """Somebody asked a long function to end now: return what there is, or clean up and re-raise."""
