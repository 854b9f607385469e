"""MusicXML as a picture of the score. Runs in the sandbox: the engraver is C++ of some size."""

from musicgen.errors import BadInput

OPTIONS = {
    "adjustPageHeight": True,  # one page, as high as the music needs
    "pageHeight": 60_000,  # the most that there is
    "pageWidth": 2_100,
    "breaks": "auto",
    "footer": "none",
    "header": "none",
    "scale": 40,
    "svgRemoveXlink": True,
    "svgViewBox": True,
    "xmlIdChecksum": True,  # the same music, the same bytes
}


def engrave(musicxml: bytes) -> bytes:
    """Return a score as SVG.

    Raises:
        BadInput: the score is longer than a page of the greatest height, or no score.
    """
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions(OPTIONS)
    if not toolkit.loadData(musicxml.decode()):
        raise BadInput("The score cannot be engraved.")
    if toolkit.getPageCount() != 1:
        raise BadInput("The score is too long for one picture; take its MusicXML instead.")
    return toolkit.renderToSVG(1).encode()
