"""Files that would have ffmpeg read others: none may be followed. A planted file and a planted address are in them."""

import random
import struct

from stress.fuzz.canary import Canary

_TEXTS = {
    "hls": "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n{there}\n#EXT-X-ENDLIST\n",
    "hls key": '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=AES-128,URI="{there}"\n#EXTINF:1,\n{there}\n',
    "hls range": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n#EXT-X-BYTERANGE:9@0\nconcat:{there}|{there}\n",
    "hls master": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{there}\n",
    "concat": "ffconcat version 1.0\nfile '{there}'\nduration 1\n",
    "concat bare": "file '{there}'\n",
    "concat option": "stream\nexact_stream_id 0\nfile '{there}'\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
    '<Representation id="1" bandwidth="1"><BaseURL>{there}</BaseURL><SegmentBase/></Representation></AdaptationSet>'
    "</Period></MPD>",
    "smooth": '<SmoothStreamingMedia><StreamIndex Url="{there}"/></SmoothStreamingMedia>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5 RTP/AVP 96\na=control:{there}\n",
    "smil": '<smil><body><video src="{there}"/></body></smil>',
    "asx": '<asx version="3.0"><entry><ref href="{there}"/></entry></asx>',
    "pls": "[playlist]\nFile1={there}\nNumberOfEntries=1\n",
    "ram": "{there}\n",
    "reference": "[Reference]\nRef1={there}\n",
    "rtsp text": "RTSPtext\r\n{there}\r\n",
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="{there}"/></svg>',
    "xml": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "{there}">]><a>&b;</a>',
    "imf": '<?xml version="1.0"?><AssetMap><AssetList><Path>{there}</Path></AssetList></AssetMap>',
    "avisynth": 'AviSource("{there}")\n',
    "vapoursynth": "import vapoursynth\nopen('{there}').read()\n",
    "image list": "{there}\n{there}\n",
    "webvtt": "WEBVTT\n\n00:00.000 --> 00:01.000\n{there}\n",
}


def make(canary: Canary, seeds: dict[str, bytes], chance: random.Random) -> tuple[str, bytes]:
    """What it is, and its bytes."""
    there = _there(canary, chance)
    if chance.random() < 0.3:
        kind, data = chance.choice((_gab2, _data_reference, _reference_movie))(there, canary, seeds)
        return f"{kind} to {there[:12]}", data
    name = chance.choice(list(_TEXTS))
    data = _TEXTS[name].format(there=there).encode()
    return f"{name} to {there[:12]}", _disguised(data, seeds, chance)


def _there(canary: Canary, chance: random.Random) -> str:
    path = chance.choice((canary.text, canary.video))
    return chance.choice(
        (
            str(path), f"file:{path}", f"file://{path}", canary.url, canary.url.replace("http", "tcp"),
            f"subfile,,start,0,end,9,,:{path}",
            f"crypto:{path}", f"concat:{path}|{path}", f"../{path.parent.name}/{path.name}", f"cache:{canary.url}",
            f"data:,{path}",
            f"async:{path}", f"tee:{path}", f"pipe:{path}", f"ffrtmphttp://{canary.url[7:]}",
            canary.url.replace("http", "hls+http"),
        )
    )  # fmt: skip


def _disguised(data: bytes, seeds: dict[str, bytes], chance: random.Random) -> bytes:
    """Behind blanks, marks, other files' beginnings, or in another writing."""
    video = chance.choice(list(seeds.values()))
    return chance.choice(
        (
            data, data, data, b"\xef\xbb\xbf" + data, b"\n \t\r\n" * 9 + data, b"\0" + data, video[:64] + data,
            data + video, video + data,
            data.upper(), data.decode().encode("utf-16"), b"#" + b" " * 9000 + b"\n" + data, data.replace(b"\n",
            b"\r\n"), b"\x0c\x0b" + data,
            b"<!-- x -->" + data, b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + data,
        )
    )  # fmt: skip


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + name + data


def _gab2(there: str, canary: Canary, seeds: dict[str, bytes]) -> tuple[str, bytes]:
    """An AVI whose captions are a list: ffmpeg looks for the format of such captions anew, inside the file."""
    text = _TEXTS["hls"].format(there=there).encode()
    captions = b"GAB2\0" + struct.pack("<HI", 2, 2) + b"x\0" + struct.pack("<HI", 4, len(text)) + text
    jpeg = seeds["jpeg.avi"]
    at = jpeg.find(b"00dc") + 8
    picture = jpeg[at : at + struct.unpack_from("<I", jpeg, at - 4)[0]]
    main = struct.pack("<14I", 100_000, 0, 0, 0x10, 1, 0, 2, 0, 48, 32, 0, 0, 0, 0)
    form = struct.pack("<IiiHH4s5I", 40, 48, 32, 1, 24, b"MJPG", 48 * 32 * 3, 0, 0, 0, 0)

    def stream(kind: bytes, handler: bytes, form: bytes) -> bytes:
        head = kind + handler + struct.pack("<IHHIIIIIIII8s", 0, 0, 0, 0, 1, 10, 0, 1, 0, 0, 0, bytes(8))
        return _chunk(b"LIST", b"strl" + _chunk(b"strh", head) + _chunk(b"strf", form))

    headers = b"hdrl" + _chunk(b"avih", main) + stream(b"vids", b"MJPG", form) + stream(b"txts", bytes(4), b"")
    movie = b"movi" + _chunk(b"01tx", captions) + _chunk(b"00dc", picture)
    return "gab2", _chunk(b"RIFF", b"AVI " + _chunk(b"LIST", headers) + _chunk(b"LIST", movie))


def _data_reference(there: str, canary: Canary, seeds: dict[str, bytes]) -> tuple[str, bytes]:
    """An MP4 whose samples are said to lie in another file."""
    data = seeds["mpeg4.mp4"]
    at = data.find(b"dref") - 4
    (long,) = struct.unpack_from(">I", data, at)
    entry = _box(b"url ", bytes(4) + there.encode() + b"\0")
    new = _box(b"dref", bytes(4) + struct.pack(">I", 1) + entry)
    grown = bytearray(data[:at] + new + data[at + long :])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        place = grown.find(name) - 4
        struct.pack_into(">I", grown, place, struct.unpack_from(">I", grown, place)[0] + len(new) - long)
    return "dref", bytes(grown)


def _reference_movie(there: str, canary: Canary, seeds: dict[str, bytes]) -> tuple[str, bytes]:
    """QuickTime's file that only names another."""
    where = there.encode() + b"\0"
    reference = _box(b"rdrf", bytes(4) + b"url " + struct.pack(">I", len(where)) + where)
    return "rmra", _box(b"ftyp", b"qt  \0\0\0\0qt  ") + _box(b"moov", _box(b"rmra", _box(b"rmda", reference)))
