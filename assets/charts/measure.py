"""Makes assets/charts/measure.ttf: what a text is wide, for the layout of pictures; nobody sees it.

The printable ASCII of Roboto (Apache 2.0), and as the glyph for everything else a box as wide as a Chinese
character."""
import sys
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.pens.ttGlyphPen import TTGlyphPen
src, out, family = sys.argv[1:4]
font = TTFont(src)
opts = subset.Options()
opts.hinting = False
opts.notdef_outline = True
opts.layout_features = []
opts.name_IDs = []
s = subset.Subsetter(opts)
s.populate(unicodes=list(range(0x20, 0x7f)) + [0xA5, 0xB7, 0x20AC, 0x2212, 0x2013])
s.subset(font)
em = font['head'].unitsPerEm
pen = TTGlyphPen(None)
lo, hi = int(em*0.04), int(em*0.96)
pen.moveTo((lo, -200)); pen.lineTo((lo, int(em*0.85))); pen.lineTo((hi, int(em*0.85))); pen.lineTo((hi, -200)); pen.closePath()
font['glyf']['.notdef'] = pen.glyph()
font['hmtx']['.notdef'] = (em, lo)
for tag in ('GPOS','GSUB','GDEF','kern','hdmx','VDMX','LTSH','gasp','DSIG'):
    if tag in font: del font[tag]
name = font['name']; name.names = []
name.setName(family, 1, 3, 1, 0x409); name.setName('Regular', 2, 3, 1, 0x409)
name.setName(family, 4, 3, 1, 0x409)
font.save(out)
