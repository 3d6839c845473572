package report

import (
	"unicode/utf8"
)

// canvas is a drawing made of a few kinds of shapes, which has two faces: SVG
// and PNG. Lengths are pixels of a screen, y goes down.
type canvas struct {
	width, height float64
	title, desc   string // for those who do not see it
	shapes        []shape
}

// point is a place on a canvas.
type point struct{ x, y float64 }

// ink is a colour without transparency: what is pale is mixed with the paper,
// so that both faces show the same.
type ink struct{ r, g, b uint8 }

// The colours of charts. Vermilion and blue are told apart by everybody and, by
// their lightness, in grey too (Okabe and Ito, Color Universal Design).
var (
	inkPaper     = ink{255, 255, 255}
	inkText      = ink{27, 31, 36}
	inkMuted     = ink{84, 93, 104}
	inkGrid      = ink{221, 226, 231}
	inkAxis      = ink{110, 119, 129}
	inkBand      = ink{241, 243, 245}
	inkVolume    = ink{176, 184, 193}
	inkVermilion = ink{196, 78, 0}
	inkPale      = ink{249, 214, 190}
	inkBlue      = ink{0, 92, 158}
)

// shape is one thing on a canvas. What is drawn later lies above.
type shape struct {
	kind   shapeKind
	points []point // of a text its base line's beginning, middle or end; of a disc its middle
	ink    ink
	width  float64 // of a line; radius of a disc; size of a text
	dash   float64 // length of the dashes of a line, and of the gaps between; 0: none
	text   string
	bold   bool
	anchor anchor
}

// shapeKind says what a shape is.
type shapeKind uint8

// The kinds of shapes.
const (
	shapeLine shapeKind = iota // along the points
	shapeArea                  // within the points
	shapeDisc
	shapeText
)

// anchor says which part of a text stands at its point.
type anchor uint8

// The parts.
const (
	anchorStart anchor = iota
	anchorMiddle
	anchorEnd
)

func (c *canvas) line(ink ink, width, dash float64, points ...point) {
	c.shapes = append(c.shapes, shape{kind: shapeLine, ink: ink, width: width, dash: dash, points: points})
}

func (c *canvas) area(ink ink, points ...point) {
	c.shapes = append(c.shapes, shape{kind: shapeArea, ink: ink, points: points})
}

func (c *canvas) box(ink ink, x, y, w, h float64) {
	c.area(ink, point{x, y}, point{x + w, y}, point{x + w, y + h}, point{x, y + h})
}

func (c *canvas) disc(ink ink, at point, radius float64) {
	c.shapes = append(c.shapes, shape{kind: shapeDisc, ink: ink, points: []point{at}, width: radius})
}

// label is a text before it is put somewhere.
type label struct {
	ink    ink
	size   float64
	bold   bool
	anchor anchor
}

func (c *canvas) text(l label, x, y float64, text string) {
	c.shapes = append(c.shapes, shape{kind: shapeText, ink: l.ink, width: l.size, bold: l.bold, anchor: l.anchor, points: []point{{x, y}}, text: text})
}

// clip cuts a text off that would be wider, at a character.
func (l label) clip(faces *fontFaces, text string, width float64) string {
	if faces.measure(l, text) <= width {
		return text
	}
	for text != "" {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
		if faces.measure(l, text+"…") <= width {
			return text + "…"
		}
	}
	return ""
}
