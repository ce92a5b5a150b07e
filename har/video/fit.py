"""Every frame of a video gets the same size, although the stream may change its own while it runs.

Browsers change the resolution of recordings, and phones are turned. Whenever the size changes, ffmpeg builds its
filters again and computes the expressions in them for the new size.
"""

from har.video.info import VideoInfo

MAX_PIXEL_ASPECT = 4  # anamorphic lenses need 2; beyond this the file is wrong
_EQUAL_ASPECT = 0.02  # sides are rounded to whole, even or multiples of 16 pixels


def fitted_size(info: VideoInfo, width: int, height: int) -> str:
    """Options of ffmpeg's filter `scale`: this size for frames of the video's shape; others must fit into it."""
    pixel = f"if(between(sar,1/{MAX_PIXEL_ASPECT},{MAX_PIXEL_ASPECT}),sar,1)"
    aspect = f"iw*{pixel}*{info.height}/(ih*{info.width})"  # 1: the video's own shape
    same = f"between({aspect},{1 - _EQUAL_ASPECT},{1 + _EQUAL_ASPECT})"
    wide = f"if({same},{width},max(1,round({width}*min(1,{aspect}))))"
    high = f"if({same},{height},max(1,round({height}*min(1,1/({aspect})))))"
    return f"w='{wide}':h='{high}'"


def centre(width: int, height: int, *, even: bool = False) -> str:
    """A filter that puts frames that are smaller than this size in the middle of black ones.

    With `even`, it adds a black line at the right and at the bottom where a side is odd.
    """
    wide, high = (width + width % 2, height + height % 2) if even else (width, height)
    return f"pad=w={wide}:h={high}:x=trunc(({width}-iw)/2):y=trunc(({height}-ih)/2)"
