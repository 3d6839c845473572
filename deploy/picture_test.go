package deploy

import (
	"flag"
	"image/png"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// How docs/dashboard.png is made:
//
//	go test ./deploy -run Queries -traffic testdata/picture.yaml -picture ../docs/dashboard.png
var (
	pictureFile = flag.String("picture", "", "where to put the picture of the dashboard; none is kept without it")
	trafficFile = flag.String("traffic", "testdata/traffic.yaml", "the scenario to make traffic from")
)

const (
	pictureWidth = 1480
	gridUnit     = 19 // height of one unit of Grafana's grid, pixels
)

// testPicture draws the dashboard from a server's answers, as Grafana would lay
// it out, and has a browser take a picture of it.
func testPicture(t *testing.T, server string, since, until time.Time) {
	need(t, "chromium")
	dir := t.TempDir()
	page, height := drawDashboard(t, readDashboard(t), server, since, until)
	file := filepath.Join(dir, "dashboard.png")
	run(t, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir="+filepath.Join(dir, "profile"),
		"--window-size="+strconv.Itoa(pictureWidth)+","+strconv.Itoa(height), "--screenshot="+file,
		"file://"+write(t, dir, "dashboard.html", page))
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if got := img.Bounds(); got.Dx() != pictureWidth || got.Dy() != height {
		t.Errorf("the picture has %v pixels, want %d by %d", got.Max, pictureWidth, height)
	}
	if *pictureFile == "" {
		return
	}
	out, err := os.Create(*pictureFile)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(out, indexed(img)); err != nil {
		t.Fatal(err)
	}
}

// drawDashboard asks for every panel's series of a time and draws them.
func drawDashboard(t *testing.T, d *dashboard, server string, since, until time.Time) (page string, height int) {
	t.Helper()
	step := max(time.Second, until.Sub(since)/120)
	var b strings.Builder
	b.WriteString(pictureHead)
	for i := range d.Panels {
		p := &d.Panels[i]
		var lines []line
		for _, target := range p.Targets {
			expr := strings.ReplaceAll(target.Expr, "$__rate_interval", strconv.Itoa(max(10, 4*int(step.Seconds())))+"s")
			list, err := query(server, "query_range", url.Values{
				"query": {filled(expr)}, "step": {strconv.FormatFloat(step.Seconds(), 'f', 0, 64)},
				"start": {strconv.FormatInt(since.Unix(), 10)}, "end": {strconv.FormatInt(until.Unix(), 10)},
			})
			if err != nil {
				t.Errorf("panel %s: %v", p.Title, err)
			}
			for _, s := range list {
				lines = append(lines, newLine(target.LegendFormat, s))
			}
		}
		drawPanel(&b, p, lines, since, until)
		height = max(height, (p.GridPos.Y+p.GridPos.H)*gridUnit)
	}
	b.WriteString("</body></html>\n")
	return b.String(), height + 40
}

// pictureHead is the page up to its panels, in the colours of Grafana's dark theme.
const pictureHead = `<!DOCTYPE html><html><head><meta charset="utf-8"><title>Earshot</title><style>
body{background:#111217;color:#ccccdc;font:12px sans-serif;margin:0}
h1{position:absolute;left:10px;top:8px;margin:0;font-size:17px;font-weight:500}
h1 small{color:#8e8e9c;font-size:12px;padding-left:12px}
.row{position:absolute;font-size:14px;font-weight:500;padding-left:6px}
.panel{position:absolute;box-sizing:border-box;background:#181b1f;border:1px solid #2a2d33;overflow:hidden}
.panel b{font-weight:500;display:block;padding:4px 8px 0;white-space:nowrap}
.stat{font-size:24px;text-align:center;padding-top:6px}
.legend{max-height:24px;overflow:hidden;padding:0 8px;font-size:10px;line-height:12px;color:#a8a8b5}
.legend i{display:inline-block;width:9px;height:3px;margin:0 4px 2px 0}
.legend span{margin-right:9px;white-space:nowrap}
.none{color:#6e6e7a;text-align:center;padding-top:34px}
td,th{font-size:10px;text-align:left;padding:2px 6px;font-weight:400}
svg text{fill:#8e8e9c;font-size:9px}
</style></head><body><h1>Earshot<small>deploy/grafana/earshot.json: its queries, answered by Prometheus from a probe's metrics</small></h1>
`
