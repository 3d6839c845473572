package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"earshot/alerting"
	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/report"
	"earshot/sanitise"
)

// Input is what a bundle is made from.
type Input struct {
	Shown    *alerting.Case                 // the case as it may leave the house: masked
	Gathered *Gathered                      // of the case
	Open     func() (capture.Source, error) // what Gather wrote; not called where it wrote nothing
	Config   pipeline.Config                // how packets are measured
	Settings []byte                         // YAML that makes "earshot replay --config" measure so; nil: it does without
	Key      sanitise.Key
	Version  string    // of the program
	At       time.Time // now
	Dir      string    // where the files go; it must be empty
}

// Bundle is what was made.
type Bundle struct {
	Dir      string
	Manifest *Manifest
}

// Make writes the evidence of a case into a folder. Beside what it says in the
// manifest it depends on nothing: the same input gives the same octets.
func Make(ctx context.Context, in *Input) (*Bundle, error) {
	m := &maker{in: in, manifest: &Manifest{
		Kind: manifestKind, Version: manifestVersion, Earshot: in.Version, Case: in.Shown.Number, Made: in.At.UTC(),
		KeyFingerprint: in.Key.Fingerprint(), Files: []File{}, Reproduce: []Step{}, Notes: []string{},
	}}
	if len(in.Shown.Signals) > 0 {
		m.manifest.Signal = string(in.Shown.Signals[0])
	}
	steps := []func(context.Context) error{m.packets, m.settings, m.examples, m.kase, m.chart, m.finish}
	for _, step := range steps {
		if err := errors.Join(ctx.Err(), step(ctx)); err != nil {
			return nil, fmt.Errorf("cannot make the evidence of case %d: %w", in.Shown.Number, err)
		}
	}
	return &Bundle{in.Dir, m.manifest}, nil
}

// maker makes one bundle.
type maker struct {
	in            *Input
	manifest      *Manifest
	before, after *replayed
	twins         []twin         // of the examples
	shown         *alerting.Case // as case.json has it
	renamed       []string       // ids of records, and what they are in the bundle, by turns
}

// write adds a file.
func (m *maker) write(name, about string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(filepath.Join(m.in.Dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	sum := &summed{w: f, hash: sha256.New()}
	if err := errors.Join(fill(sum), f.Close()); err != nil {
		return err
	}
	m.manifest.Files = append(m.manifest.Files, File{name, about, sum.octets, hex.EncodeToString(sum.hash.Sum(nil))})
	return nil
}

func (m *maker) bytes(name, about string, text []byte) error {
	return m.write(name, about, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// packets sanitises the packets, and measures them before and after.
func (m *maker) packets(ctx context.Context) error {
	if m.in.Gathered.Packets == 0 {
		m.manifest.Notes = append(m.manifest.Notes, "There are no packets, and so no records: see what is said of each example.")
		m.before, m.after = new(replayed), new(replayed)
		return nil
	}
	err := m.write(PacketsFile, "packets of the examples: signalling, RTCP and the headers of RTP, without anything personal", func(w io.Writer) (err error) {
		m.manifest.Packets, err = sanitise.Capture(m.in.Open, w, sanitise.Options{Key: m.in.Key, Cut: true})
		return err
	})
	if err != nil {
		return err
	}
	if m.before, err = replay(ctx, m.in.Config, m.in.Open, PacketsFile, io.Discard); err != nil {
		return err
	}
	return m.write(RecordsFile, "what earshot measures of these packets, a JSON object a line", func(w io.Writer) (err error) {
		m.after, err = replay(ctx, m.in.Config, opening(filepath.Join(m.in.Dir, PacketsFile)), PacketsFile, w)
		return err
	})
}

// settings adds how the probe measures, where that is not as always.
func (m *maker) settings(context.Context) error {
	if m.in.Gathered.Packets == 0 {
		return nil
	}
	command := "earshot replay --json " + PacketsFile
	if m.in.Settings != nil {
		command = "earshot replay --json --config " + SettingsFile + " " + PacketsFile
		if err := m.bytes(SettingsFile, "how the probe measures: codecs, headers that join legs, limits, thresholds", m.in.Settings); err != nil {
			return err
		}
	}
	m.manifest.Reproduce = append(m.manifest.Reproduce,
		Step{"earshot evidence check .", "that every file is whole, and the figures are reproduced"},
		Step{command, "the lines of " + RecordsFile + ", octet by octet"})
	return nil
}

// examples says which record is of which example.
func (m *maker) examples(context.Context) error {
	list := m.in.Gathered.Examples
	m.manifest.Examples = []ManifestExample{}
	m.twins = match(list, m.before, m.after)
	for i := range list {
		x := &list[i]
		e := ManifestExample{Example: fmt.Sprintf("%s %d", x.Role, x.Place), At: x.Named.At.UTC(), Value: x.Named.Value, Partial: x.Partial, Missing: x.Missing}
		var got Figures
		switch t := &m.twins[i]; {
		case t.call != nil:
			e.Call = t.call.ID
			got = figuresOf(t.call.Media, t.call.MOSWorst)
			e.Figures = got.rounded()
			m.rename(x.Named.Call, t.call.ID)
			if t.stream = streamOf(x, m.before, t.call); t.stream != nil {
				e.Stream = t.stream.ID
				m.rename(x.Named.Stream, t.stream.ID)
			}
		case t.stream != nil:
			e.Stream = t.stream.ID
			got = figuresOf([]*dialog.StreamRecord{t.stream}, t.stream.MOS.LQ)
			e.Figures = got.rounded()
			m.rename(x.Named.Stream, t.stream.ID)
		case x.Missing == "":
			e.Missing = "its record cannot be told from others among those of the sanitised packets"
		}
		if measured := x.measured(); measured != nil && e.Figures != nil && !measured.equal(&got) {
			e.Measured = measured.rounded()
		}
		m.manifest.Examples = append(m.manifest.Examples, e)
	}
	return nil
}

// measured is how an example was measured from all of its packets.
func (x *Example) measured() *Figures {
	switch {
	case x.heard != nil:
		f := figuresOf(x.heard.Media, x.heard.MOSWorst)
		return &f
	case x.call != nil:
		f := figuresOf(x.call.Media, x.call.MOSWorst)
		return &f
	case x.stream != nil:
		f := figuresOf([]*dialog.StreamRecord{x.stream}, x.stream.MOS.LQ)
		return &f
	}
	return nil
}

// streamOf finds the stream that an example names among those of its call.
func streamOf(x *Example, before *replayed, after *dialog.CallRecord) *dialog.StreamRecord {
	for _, c := range before.calls {
		for _, s := range c.Media {
			if x.Named.Stream == "" || s.ID != x.Named.Stream {
				continue
			}
			for _, t := range after.Media {
				if traceOfStream(s) == traceOfStream(t) {
					return t
				}
			}
		}
	}
	return nil
}

// rename notes by which id a record is found in the bundle.
func (m *maker) rename(from, to string) {
	if from != "" && to != "" && from != to {
		m.renamed = append(m.renamed, from, to)
	}
}

// chart draws the course of the impairment.
func (m *maker) chart(context.Context) error {
	chart := report.ChartOf(m.shown)
	if chart == nil {
		m.manifest.Notes = append(m.manifest.Notes, "There is no chart: no traffic of this case was counted over time.")
		return nil
	}
	svg, err := chart.SVG()
	if err != nil {
		return err
	}
	png, err := chart.PNG()
	if err != nil {
		return err
	}
	const about = "which share of the traffic was affected, over time"
	return errors.Join(m.bytes(ChartSVG, about, svg), m.bytes(ChartPNG, about, png))
}

// kase adds the case, with the ids and addresses that the records have here.
func (m *maker) kase(context.Context) error {
	c := *m.in.Shown
	c.Attachments = []alerting.Attachment{} // else this would have to be in itself
	text, err := json.MarshalIndent(&c, "", "  ")
	if err != nil {
		return err
	}
	renamed := strings.NewReplacer(m.renamed...).Replace(string(text))
	renamed = readdressed(sanitise.NewAddresses(m.in.Key), renamed)
	m.shown = new(alerting.Case)
	if err := json.Unmarshal([]byte(renamed), m.shown); err != nil {
		return fmt.Errorf("cannot rename what the case names: %w", err)
	}
	m.name(m.shown.Examples, m.twins)
	m.name(m.shown.Good, m.twins[min(len(m.shown.Examples), len(m.twins)):])
	if text, err = json.MarshalIndent(m.shown, "", "  "); err != nil {
		return err
	}
	return m.bytes(CaseFile, "the case, masked; its addresses and ids are those of the packets and records here", append(text, '\n'))
}

// name says of examples what their records say, and nothing else.
func (m *maker) name(list []alerting.Example, twins []twin) {
	for i := range list {
		x := &list[i]
		x.CallID, x.Src, x.Dst = "", netip.AddrPort{}, netip.AddrPort{}
		if i >= len(twins) {
			continue
		}
		if c := twins[i].call; c != nil && len(c.CallIDs) > 0 {
			x.CallID = c.CallIDs[0]
		}
		if s := twins[i].stream; s != nil {
			x.Src, x.Dst = s.Src, s.Dst
		}
	}
}

// finish writes the manifest.
func (m *maker) finish(context.Context) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false) // people read it
	e.SetIndent("", "  ")
	if err := e.Encode(m.manifest); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(m.in.Dir, ManifestFile), text.Bytes(), 0o640)
}
