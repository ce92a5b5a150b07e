"""Filters for pictures that are not what networks and browsers expect: interlaced ones, HDR, wide colours, RGB.

Everything else passes through no filter of this module. Three conversions:

- Interlaced frames are deinterlaced, one frame from each, so that all times stay.
- HDR (PQ, HLG) is mapped to what it looks like on an ordinary screen: white on paper, 203 cd/m² (ITU-R BT.2408),
  becomes white, colours become those of BT.709, and highlights are compressed.
- RGB and what was HDR is written with the colour matrix of BT.709, and marked so: without a mark, browsers guess the
  matrix from the size.
"""

import re

from har.video.fit import fitted_size
from har.video.info import VideoInfo

HDR_REMARK = "This is an HDR video; it is read and written in the colours of ordinary screens (SDR)."

_HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})  # PQ, HLG
_WIDE = "bt2020"
_RGB = re.compile(r"(?:x2)?[argb0]*(?:rgb|bgr|gbr)|pal8|bayer|xyz")
_WHITE = 203  # cd/m²
_LINEAR_UP_TO = 0.85  # of white; as far as this, light stays in proportion
_BRIGHTEST = 5  # times white: about 1000 cd/m², the brightest of nearly all HDR
_FLOAT = "format=gbrpf32le"
_BT709 = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"


def is_hdr(info: VideoInfo) -> bool:
    """Whether its brightness is coded by PQ or HLG."""
    return info.colour[2] in _HDR_TRANSFERS


def deinterlace(info: VideoInfo) -> list[str]:
    """Filters that deinterlace; none for progressive video. They come before all others, as they need every frame."""
    return [] if info.fields is None else [f"setfield={info.fields}", "bwdif=mode=send_frame:deint=interlaced"]


def to_sdr(info: VideoInfo) -> list[str]:
    """Filters from HDR or wide colours to RGB as on ordinary screens; none for other video. Put them after scaling."""
    matrix, primaries, transfer = info.colour
    source = f"zscale=pin={primaries if primaries != 'unknown' else _WIDE}:min=gbr:rin=full"
    guess = [f"setparams=colorspace={_WIDE}nc"] if matrix == "unknown" and not is_rgb(info) else []
    if is_hdr(info):
        curve = f"mobius:param={_LINEAR_UP_TO}:peak={_BRIGHTEST}:desat=0"
        light = [f"{source}:tin={transfer}:t=linear:npl={_WHITE}", _FLOAT, "zscale=p=bt709"]
        return [*guess, "format=gbrp10le", *light, f"tonemap=tonemap={curve}", "zscale=t=iec61966-2-1", _FLOAT]
    if primaries == _WIDE:
        return [*guess, "format=gbrp10le", f"{source}:tin=bt709:p=bt709:t=bt709", _FLOAT]
    return []


def is_rgb(info: VideoInfo) -> bool:
    """Whether its pixels are stored as red, green and blue."""
    return _RGB.match(info.pixel_format) is not None


def scale_to_write(info: VideoInfo, width: int, height: int) -> list[str]:
    """Filters that scale a picture for a file, in the colours that browsers expect. `centre` must follow."""
    scale, matrix = f"scale={fitted_size(info, width, height)}:flags=bicubic", "out_color_matrix=bt709:out_range=tv"
    if converted := to_sdr(info):
        return [scale, *converted, f"scale=flags=bicubic:{matrix}", "format=yuv420p", _BT709]
    return [f"{scale}:{matrix}", "format=yuv420p", _BT709] if is_rgb(info) else [scale]
