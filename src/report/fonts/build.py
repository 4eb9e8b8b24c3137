"""Builds audit-sans.ttf: one font file for all pictures, Chinese included.

Usage: python build.py DejaVuSans.ttf DroidSansFallbackFull.ttf audit-sans.ttf

The same inputs and the same fontTools give the same bytes. See README.md for origins and licences.
"""

import sys

from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem
from fontTools.ttLib.tables._g_l_y_f import ROUND_XY_TO_GRID, GlyphComponent

FAMILY = "Audit Sans"
# 1 January 2026, in seconds since 1904; a build date would change the bytes.
MODIFIED = 3850070400
KEEP = {"head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "loca", "glyf", "name", "post"}


def latin():
    """Latin, Greek, Cyrillic, punctuation, currency, arrows, mathematics, shapes."""
    ranges = [
        (0x20, 0x7E), (0xA0, 0x17F), (0x180, 0x24F), (0x2B0, 0x2FF), (0x300, 0x36F),
        (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x2070, 0x209F),
        (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2150, 0x218F), (0x2190, 0x21FF),
        (0x2200, 0x22FF), (0x2300, 0x23FF), (0x25A0, 0x25FF), (0x2713, 0x2718), (0xFFFD, 0xFFFD),
    ]
    return {c for low, high in ranges for c in range(low, high + 1)}


def chinese():
    """Both levels of GB 2312, with its punctuation and full-width forms."""
    found = set()
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                found.add(ord(bytes([high, low]).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return found | set(range(0x3000, 0x3020)) | set(range(0xFF01, 0xFF5F))


def part(path, wanted):
    """The wanted characters of a font, without hints and without layout tables."""
    font = TTFont(path, recalcTimestamp=False)
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.glyph_names = False
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "kern", "FFTM", "MATH", "vhea", "vmtx"]
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=wanted & set(font.getBestCmap()))
    chosen.subset(font)
    return font


def merge(base, extra):
    """Adds the glyphs of `extra` to `base`; both have the same units per em."""
    names = {old: f"cjk{i:05d}" for i, old in enumerate(extra.getGlyphOrder())}
    glyphs, widths = base["glyf"], base["hmtx"].metrics
    order = list(base.getGlyphOrder())
    for old, new in names.items():
        if old == ".notdef":
            continue
        glyph = extra["glyf"][old]
        if glyph.isComposite():
            for component in glyph.components:
                component.glyphName = names[component.glyphName]
        glyphs.glyphs[new] = glyph
        widths[new] = extra["hmtx"].metrics[old]
        order.append(new)
    base.setGlyphOrder(order)
    glyphs.glyphOrder = order
    known = set(base.getBestCmap())
    for table in base["cmap"].tables:
        for code, old in extra.getBestCmap().items():
            if code not in known and old != ".notdef" and code <= 0xFFFF:
                table.cmap[code] = names[old]


def keep_bearings(font):
    """Gives every glyph an invisible point at x = 0.

    The drawing library sets the ink of a glyph at the pen, without its left bearing. With this
    point the ink begins at the pen, so that letters and full-width marks keep their distance.
    """
    table = font["glyf"]
    anchors = {}

    def anchor(y):
        if y not in anchors:
            pen = TTGlyphPen(None)
            pen.moveTo((0, y))
            pen.lineTo((0, y))
            pen.lineTo((0, y))
            pen.closePath()
            name = f"anchor{y}"
            table.glyphs[name] = pen.glyph()
            font["hmtx"].metrics[name] = (0, 0)
            anchors[y] = name
        return anchors[y]

    for name in sorted(set(font.getBestCmap().values())):
        glyph = table[name]
        glyph.recalcBounds(table)
        if glyph.numberOfContours == 0 or glyph.xMin <= 0:
            continue
        if not glyph.isComposite():
            pen = TTGlyphPen(None)
            glyph.draw(pen, table)
            y = glyph.yMin
            pen.moveTo((0, y))
            pen.lineTo((0, y))
            pen.lineTo((0, y))
            pen.closePath()
            table.glyphs[name] = pen.glyph()
        else:
            point = GlyphComponent()
            point.glyphName, point.x, point.y = anchor(glyph.yMin), 0, 0
            point.flags = ROUND_XY_TO_GRID
            glyph.components.append(point)
        width, _ = font["hmtx"].metrics[name]
        font["hmtx"].metrics[name] = (width, 0)
    order = font.getGlyphOrder() + sorted(anchors.values())
    font.setGlyphOrder(order)
    table.glyphOrder = order


def rename(font, copyrights):
    """A new name, as the licence of the Latin part asks for."""
    table = font["name"]
    table.names = []
    texts = {
        0: copyrights,
        1: FAMILY,
        2: "Regular",
        3: f"{FAMILY} 1.0",
        4: FAMILY,
        5: "Version 1.0",
        6: "AuditSans",
        13: "See LICENSE-DejaVu.txt and LICENSE-Droid.txt beside this file.",
    }
    for number, text in texts.items():
        table.setName(text, number, 3, 1, 0x409)


def main(dejavu, droid, out):
    base = part(dejavu, latin())
    extra = part(droid, chinese() - set(base.getBestCmap()))
    scale_upem(extra, base["head"].unitsPerEm)
    merge(base, extra)
    keep_bearings(base)
    for tag in list(base.keys()):
        if tag not in KEEP and tag != "GlyphOrder":
            del base[tag]
    base["post"].formatType = 3.0
    base["head"].modified = base["head"].created = MODIFIED
    rename(
        base,
        "Latin part: Copyright (c) 2003 by Bitstream, Inc., Copyright (c) 2006 by Tavmjong Bah, "
        "changes in the public domain. Chinese part: Copyright (c) 2006-2010 Google Corp.",
    )
    base.recalcTimestamp = False
    base.save(out)
    print(len(base.getGlyphOrder()), "glyphs")


if __name__ == "__main__":
    main(*sys.argv[1:])
