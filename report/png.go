package report

import (
	"bytes"
	"fmt"
	"image"
	imagecolor "image/color"
	"image/draw"
	"image/png"
	"math"

	"golang.org/x/image/vector"
)

// pngScale is how many pixels of the picture are one of the canvas, so that it
// is sharp on screens with small ones, and on paper.
const pngScale = 2

// png is the canvas as a picture. The same canvas gives the same octets.
func (c *canvas) png(faces *fontFaces) ([]byte, error) {
	bounds := image.Rect(0, 0, int(math.Ceil(c.width*pngScale)), int(math.Ceil(c.height*pngScale)))
	p := painter{image: image.NewRGBA(bounds), faces: faces}
	draw.Draw(p.image, bounds, inkPaper.uniform(), image.Point{}, draw.Src)
	for i := range c.shapes {
		p.paint(&c.shapes[i])
	}
	var file bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&file, p.image); err != nil {
		return nil, fmt.Errorf("cannot write the picture: %w", err)
	}
	return file.Bytes(), nil
}

// painter paints shapes.
type painter struct {
	image *image.RGBA
	pen   vector.Rasterizer
	faces *fontFaces
	paths [][]point // of the shape being painted, in pixels of the picture
}

func (i ink) uniform() *image.Uniform { return image.NewUniform(imagecolor.RGBA{i.r, i.g, i.b, 255}) }

func (p *painter) paint(s *shape) {
	switch s.kind {
	case shapeText:
		p.faces.draw(p.image, s)
		return
	case shapeArea:
		p.polygon(s.points)
	case shapeDisc:
		p.disc(s.points[0], s.width)
	case shapeLine:
		for _, part := range dashes(s.points, s.dash) {
			p.stroke(part, s.width)
		}
	}
	p.fill(s.ink)
}

// polygon adds what is within some points to what is filled next.
func (p *painter) polygon(points []point) {
	path := make([]point, len(points))
	for i, at := range points {
		path[i] = point{at.x * pngScale, at.y * pngScale}
	}
	p.paths = append(p.paths, path)
}

// fill fills the paths. The pen works on the part of the picture that they
// cover: on all of it a chart would take a second.
func (p *painter) fill(ink ink) {
	low, high := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, path := range p.paths {
		for _, at := range path {
			low = point{math.Min(low.x, at.x), math.Min(low.y, at.y)}
			high = point{math.Max(high.x, at.x), math.Max(high.y, at.y)}
		}
	}
	part := image.Rect(int(math.Floor(low.x)), int(math.Floor(low.y)), int(math.Ceil(high.x))+1, int(math.Ceil(high.y))+1).Intersect(p.image.Bounds())
	p.pen.Reset(part.Dx(), part.Dy())
	for _, path := range p.paths {
		for i, at := range path {
			x, y := float32(at.x-float64(part.Min.X)), float32(at.y-float64(part.Min.Y))
			if i == 0 {
				p.pen.MoveTo(x, y)
				continue
			}
			p.pen.LineTo(x, y)
		}
		p.pen.ClosePath()
	}
	p.pen.Draw(p.image, part, ink.uniform(), image.Point{})
	p.paths = p.paths[:0]
}

// disc adds a disc, as a polygon of as many corners as nobody sees.
func (p *painter) disc(middle point, radius float64) {
	const corners = 24
	var around [corners]point
	for i := range around {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		around[i] = point{middle.x + radius*cos, middle.y + radius*sin}
	}
	p.polygon(around[:])
}

// stroke adds a line: a box along each piece, and a disc at each bend. All turn
// the same way, so that where they overlap nothing is cut out.
func (p *painter) stroke(points []point, width float64) {
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		length := math.Hypot(b.x-a.x, b.y-a.y)
		if length == 0 {
			continue
		}
		x, y := -(b.y-a.y)/length*width/2, (b.x-a.x)/length*width/2
		p.polygon([]point{{a.x - x, a.y - y}, {b.x - x, b.y - y}, {b.x + x, b.y + y}, {a.x + x, a.y + y}})
		if i+1 < len(points) {
			p.disc(b, width/2)
		}
	}
}

// dashes cuts a line into dashes of a length, with gaps that are as long.
func dashes(points []point, length float64) [][]point {
	if length <= 0 {
		return [][]point{points}
	}
	var list [][]point
	on, left := true, length
	part := []point{points[0]}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		whole := math.Hypot(b.x-a.x, b.y-a.y)
		for done := 0.0; done < whole; {
			step := math.Min(left, whole-done)
			done += step
			left -= step
			at := point{a.x + (b.x-a.x)*done/whole, a.y + (b.y-a.y)*done/whole}
			part = append(part, at)
			if left > 0 {
				continue
			}
			if on {
				list = append(list, part)
			}
			on, left, part = !on, length, []point{at}
		}
	}
	if on && len(part) > 1 {
		list = append(list, part)
	}
	return list
}
