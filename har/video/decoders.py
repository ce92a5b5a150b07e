"""Decoders that ffmpeg may use: for what browsers, cameras, phones and editors write. It has hundreds of others."""

_VIDEO = (
    "h264 libopenh264 hevc vvc libdav1d libaom-av1 av1 vp8 libvpx vp9 libvpx-vp9 "  # today's
    "mpeg4 msmpeg4v1 msmpeg4v2 msmpeg4 wmv1 wmv2 wmv3 vc1 mpeg1video mpeg2video mpegvideo h261 h263 h263i h263p "
    "flv vp6 vp6a vp6f theora svq1 svq3 cinepak msrle msvideo1 rpza amv "  # earlier ones
    "mjpeg mjpegb dvvideo prores dnxhd cfhd v210 rawvideo hap jpeg2000 "  # cameras and editors
    "huffyuv ffvhuff ffv1 utvideo magicyuv lagarith qtrle png gif zmbv camtasia flashsv flashsv2"  # lossless, screens
)
_SOUND = (
    "aac aac_latm mp1 mp1float mp2 mp2float mp3 mp3float ac3 eac3 dca mlp truehd flac alac opus libopus vorbis "
    "libvorbis wmav1 wmav2 wmapro wmavoice wmalossless amrnb amrwb libopencore_amrnb libopencore_amrwb speex "
    "nellymoser gsm gsm_ms adpcm_ima_wav adpcm_ima_qt adpcm_ima_amv adpcm_ms adpcm_swf adpcm_yamaha g722 g726 dvaudio "
    "s302m qdm2 pcm_alaw pcm_bluray pcm_dvd pcm_f32be pcm_f32le pcm_f64be pcm_f64le pcm_mulaw pcm_s16be pcm_s16le "
    "pcm_s24be pcm_s24le pcm_s32be pcm_s32le pcm_s8 pcm_u8"
)
_TEXT = "ass ssa srt subrip text webvtt mov_text dvbsub dvdsub pgssub cc_dec"  # never decoded, but opened to be listed
DECODERS = tuple(f"{_VIDEO} {_SOUND} {_TEXT}".split())
