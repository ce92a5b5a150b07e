"""Where data sets come from: each described and weighed before anything is fetched."""

from har.datasets.fetching import archives
from har.datasets.fetching.limits import Checking, Downloading, Source, SourceEvent, Unpacking
from har.datasets.sources import ucf50, ucf101, user

__all__ = [
    "SOURCES",
    "Checking",
    "Downloading",
    "Source",
    "SourceEvent",
    "Unpacking",
    "archives",
    "ucf50",
    "ucf101",
    "user",
]

_FROM_YOUTUBE = (
    "The clips are parts of YouTube videos and belong to whoever uploaded them. The authors share them for research "
    "and state no licence."
)

SOURCES = {
    source.name: source
    for source in (
        Source(
            "figures",
            "Figures",
            "A drawn person does ten actions in 25 scenes. Made by this program, to try everything without a download.",
            "MIT, as the rest of this project.",
            None,
            "1,000 clips, about 32 MB",
        ),
        Source(
            "ucf101",
            "UCF101",
            "101 actions filmed by many people: sports, music, everyday things. Choose classes, and only their clips "
            "are fetched. By Soomro, Zamir and Shah, University of Central Florida, 2012.",
            _FROM_YOUTUBE,
            "https://www.crcv.ucf.edu/data/UCF101.php",
            "13,320 clips, 6.5 GB in all; a class has 100 to 167 clips, about 65 MB",
        ),
        Source(
            "ucf50",
            "UCF50",
            "The older set of 50 actions that many tutorials use; UCF101 has all of them. It comes as one archive. By "
            "Reddy and Shah, University of Central Florida, 2013.",
            _FROM_YOUTUBE,
            "https://www.crcv.ucf.edu/data/UCF50.php",
            "6,618 clips, 3.1 GB",
        ),
        Source(
            "own",
            "Your own clips",
            "Teach it your action: bring a few short clips of each, or an archive with a folder for each label.",
            "Yours. Only who has the link sees them; they go after a day.",
            None,
            "Three clips of each of two actions are enough to begin",
        ),
    )
}
