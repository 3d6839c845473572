package alerting

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestCourse: a stream counts in every piece that it was heard in. Pieces are
// 5 minutes; 3000 s is the beginning of piece 10.
func TestCourse(t *testing.T) {
	var c course
	c.add(insideUnits, 3000, 3899, 1)    // pieces 10, 11, 12
	c.add(insideUnits, 3300, 3300, 2)    // piece 11
	c.add(insideAffected, 3599, 3600, 1) // pieces 11, 12
	c.add(outsideUnits, 4200, 4201, 5)   // piece 14
	c.add(outsideUnits, 2999, 3000, 1)   // pieces 9, 10
	c.add(outsideAffected, 9, 8, 7)      // never
	want := Course{
		From: unixTime(2700), StepS: 300,
		Inside:  []Tally{{0, 0}, {1, 0}, {3, 1}, {1, 1}, {0, 0}, {0, 0}},
		Outside: []Tally{{1, 0}, {1, 0}, {0, 0}, {0, 0}, {0, 0}, {5, 0}},
	}
	if got := c.shown(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	taken := courseOf(&want)
	if got := taken.shown(); !reflect.DeepEqual(got, want) {
		t.Errorf("taken up again: %v", got)
	}
}

// TestCourseLengthens: the 145th piece of 5 minutes makes 49 of 15, whose
// streams are counted once each, not once for each of the shorter pieces.
func TestCourseLengthens(t *testing.T) {
	var c course
	c.add(insideUnits, 0, 899, 1) // three pieces of 5 minutes, one of 15
	c.add(insideUnits, 143*300, 143*300, 1)
	if got := c.shown(); got.StepS != 300 || len(got.Inside) != 144 {
		t.Fatalf("%d pieces of %d s", len(got.Inside), got.StepS)
	}
	c.add(insideUnits, 144*300, 144*300, 1)
	got := c.shown()
	if got.StepS != 900 || len(got.Inside) != 49 || got.Inside[0] != (Tally{1, 0}) || got.Inside[47] != (Tally{1, 0}) || got.Inside[48] != (Tally{1, 0}) {
		t.Errorf("%d pieces of %d s: %v", len(got.Inside), got.StepS, got.Inside)
	}
	c.add(insideUnits, 300, 400*24*3600, 1) // longer than the longest course
	if got := c.shown(); len(got.Inside) != maxPieces || got.StepS != 24*3600 || got.Inside[0] != (Tally{1, 0}) {
		t.Errorf("%d pieces of %d s, %v in the first", len(got.Inside), got.StepS, got.Inside[0])
	}
}

// TestCourseCounts holds a course to counting each unit of a list in each piece.
func TestCourseCounts(t *testing.T) {
	type heard struct{ row, from, to, n int }
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) heard {
			from := rapid.IntRange(1, 90*24*3600).Draw(t, "from")
			return heard{rapid.IntRange(0, courseRows-1).Draw(t, "row"), from, from + rapid.IntRange(0, 7*24*3600).Draw(t, "long"), rapid.IntRange(1, 3).Draw(t, "n")}
		}), 1, 30).Draw(t, "units")
		var c course
		for _, u := range units {
			c.add(u.row, uint32(u.from), uint32(u.to), u.n)
		}
		got := c.shown()
		if len(got.Inside) > maxPieces || len(got.Inside) != len(got.Outside) {
			t.Fatalf("%d and %d pieces", len(got.Inside), len(got.Outside))
		}
		for i := range got.Inside {
			from := int(got.From.Unix()) + i*got.StepS
			var want [courseRows]int
			for _, u := range units {
				if u.from < from+got.StepS && u.to >= from {
					want[u.row] += u.n
				}
			}
			if (got.Inside[i] != Tally{want[0], want[1]}) || (got.Outside[i] != Tally{want[2], want[3]}) {
				t.Fatalf("piece %d: got %v, %v, want %v", i, got.Inside[i], got.Outside[i], want)
			}
		}
	})
}

// attachCase opens a case by hand.
func attachCase(t *testing.T, d *Desk, now time.Time) *Case {
	t.Helper()
	c, err := d.Do(now, Command{Kind: CommandOpen, Author: "ann", Subject: "crackles"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAttach: files are attached once, by people and by the monitor, with an
// entry of the timeline and of the audit log.
func TestAttach(t *testing.T) {
	now := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	d := NewDesk(DeskConfig{})
	c := attachCase(t, d, now)
	file := Attachment{Name: "trace.txt", Bytes: 3, SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
	other := file
	other.SHA256 = "c" + file.SHA256[1:]
	d.Take()
	for range 2 {
		got, err := d.Do(now, Command{Kind: CommandAttach, Author: "bob", Case: c.Number, Files: []Attachment{file}, Text: "from the phone"})
		if err != nil {
			t.Fatal(err)
		}
		last := got.Updates[len(got.Updates)-1]
		if len(got.Attachments) != 1 || len(got.Updates) != 2 || last.Kind != UpdateAttached || last.Author != "bob" ||
			last.Text != "from the phone\n\nAttached: trace.txt (3 octets)." || !got.Attachments[0].Added.Equal(now) {
			t.Errorf("got %+v, %+v", got.Attachments, got.Updates)
		}
	}
	if j := d.Take(); len(j.Audit) != 1 || j.Audit[0].What != "case.attach" || j.Audit[0].Who != "bob" {
		t.Errorf("audit %+v", j.Audit)
	}
	if _, err := d.Do(now, Command{Kind: CommandAttach, Author: "bob", Case: c.Number, Files: []Attachment{other}}); err == nil || err.(*CommandError).Reason != Conflict {
		t.Errorf("another file of that name: %v", err)
	}
	for _, bad := range []Attachment{{Name: "../x", SHA256: file.SHA256}, {Name: "x", SHA256: "ab"}, {Name: "x", SHA256: file.SHA256, Bytes: -1}, {Name: "x", SHA256: "G" + file.SHA256[1:]}} {
		if _, err := d.Do(now, Command{Kind: CommandAttach, Author: "bob", Case: c.Number, Files: []Attachment{bad}}); err == nil || err.(*CommandError).Reason != Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, err := d.Do(now, Command{Kind: CommandClose, Author: "bob", Case: c.Number, Text: "done"}); err != nil {
		t.Fatal(err)
	}
	other.Name = "evidence-1.zip"
	if _, err := d.Do(now, Command{Kind: CommandAttach, Author: "bob", Case: c.Number, Files: []Attachment{other}}); err == nil || err.(*CommandError).Reason != Refused {
		t.Errorf("attached to a closed case: %v", err)
	}
	got, err := d.Attach(now, c.Number, []Attachment{file, other}) // what was being made goes on
	if err != nil || len(got.Attachments) != 2 {
		t.Errorf("the monitor's: %+v, %v", got, err)
	}
	if last := got.Updates[len(got.Updates)-1]; last.Author != MonitorAuthor || last.Kind != UpdateAttached {
		t.Errorf("the monitor's: %+v", last)
	}
	if _, err := d.Attach(now, 99, nil); err == nil {
		t.Error("attached to no case")
	}
}

// TestAttachMost: a case holds so many files and no more.
func TestAttachMost(t *testing.T) {
	now := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	d := NewDesk(DeskConfig{})
	c := attachCase(t, d, now)
	const digits = "0123456789abcdef"
	sum := []byte("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
	for i := range maxAttachments + 1 {
		sum[0], sum[1] = digits[i%16], digits[i/16]
		_, err := d.Attach(now, c.Number, []Attachment{{Name: "f" + string(sum[:2]), SHA256: string(sum)}})
		if (err != nil) != (i == maxAttachments) {
			t.Fatalf("file %d: %v", i+1, err)
		}
	}
}
