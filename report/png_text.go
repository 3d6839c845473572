package report

import (
	"fmt"
	"image"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// fontFaces are the letters of pictures, by size and weight. One goroutine uses
// them.
type fontFaces struct {
	regular, bold *opentype.Font
	sized         map[faceKey]font.Face
}

type faceKey struct {
	size float64
	bold bool
}

// newFontFaces reads the Go fonts, which come with the program: a picture looks
// the same everywhere.
func newFontFaces() (*fontFaces, error) {
	regular, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("cannot read the font: %w", err)
	}
	bold, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return nil, fmt.Errorf("cannot read the font: %w", err)
	}
	return &fontFaces{regular, bold, map[faceKey]font.Face{}}, nil
}

// of returns the letters of a size in pixels of the picture.
func (f *fontFaces) of(size float64, bold bool) font.Face {
	key := faceKey{size, bold}
	if face := f.sized[key]; face != nil {
		return face
	}
	family := f.regular
	if bold {
		family = f.bold
	}
	face, err := opentype.NewFace(family, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		panic("report: a font that was read has no size: " + err.Error()) // it never fails
	}
	f.sized[key] = face
	return face
}

// measure is how wide a text is on the canvas.
func (f *fontFaces) measure(l label, text string) float64 {
	return float64(font.MeasureString(f.of(l.size*pngScale, l.bold), text)) / 64 / pngScale
}

// draw paints a text.
func (f *fontFaces) draw(to *image.RGBA, s *shape) {
	d := font.Drawer{Dst: to, Src: s.ink.uniform(), Face: f.of(s.width*pngScale, s.bold)}
	x := fixed.Int26_6(s.points[0].x * pngScale * 64)
	switch width := d.MeasureString(s.text); s.anchor {
	case anchorMiddle:
		x -= width / 2
	case anchorEnd:
		x -= width
	}
	d.Dot = fixed.Point26_6{X: x, Y: fixed.Int26_6(s.points[0].y * pngScale * 64)}
	d.DrawString(s.text)
}
