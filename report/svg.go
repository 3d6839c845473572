package report

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// svg is the canvas as one self-contained SVG file. The same canvas gives the
// same octets.
func (c *canvas) svg() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %[1]s %[2]s" role="img" aria-labelledby="title desc" font-family="Go, 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif">`+"\n",
		number(c.width), number(c.height))
	fmt.Fprintf(&b, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n", escaped(c.title), escaped(c.desc))
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="%s"/>`+"\n", inkPaper.hex())
	for i := range c.shapes {
		c.shapes[i].svg(&b)
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

func (s *shape) svg(b *strings.Builder) {
	at := s.points[0]
	switch s.kind {
	case shapeLine:
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="%s" stroke-linejoin="round"`, places(s.points), s.ink.hex(), number(s.width))
		if s.dash > 0 {
			fmt.Fprintf(b, ` stroke-dasharray="%s"`, number(s.dash))
		}
		b.WriteString("/>\n")
	case shapeArea:
		fmt.Fprintf(b, `<polygon points="%s" fill="%s"/>`+"\n", places(s.points), s.ink.hex())
	case shapeDisc:
		fmt.Fprintf(b, `<circle cx="%s" cy="%s" r="%s" fill="%s"/>`+"\n", number(at.x), number(at.y), number(s.width), s.ink.hex())
	case shapeText:
		fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s" fill="%s"`, number(at.x), number(at.y), number(s.width), s.ink.hex())
		if s.bold {
			b.WriteString(` font-weight="bold"`)
		}
		if s.anchor != anchorStart {
			fmt.Fprintf(b, ` text-anchor="%s"`, [...]string{anchorMiddle: "middle", anchorEnd: "end"}[s.anchor])
		}
		fmt.Fprintf(b, ">%s</text>\n", escaped(s.text))
	}
}

// hex is the colour as style sheets write it.
func (i ink) hex() string { return fmt.Sprintf("#%02x%02x%02x", i.r, i.g, i.b) }

// number is a length to a tenth of a pixel, which is all that can be seen.
func number(v float64) string { return strconv.FormatFloat(tenth(v), 'f', -1, 64) }

func places(points []point) string {
	var b strings.Builder
	for i, p := range points {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(number(p.x) + "," + number(p.y))
	}
	return b.String()
}

// escaped is a text within XML; what XML cannot hold is replaced.
func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}
