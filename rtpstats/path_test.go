package rtpstats

import "testing"

func TestPath(t *testing.T) {
	tests := []struct {
		point, vlan uint16
		want        Path
	}{
		{0, 0, 0},
		{0, 4094, 0xffe},
		{1, 0, 0x1000},
		{3, 100, 0x3064}, // 100 is 0x064
		{65535, 4095, 0xfffffff},
	}
	for _, tt := range tests {
		p := NewPath(tt.point, tt.vlan)
		if p != tt.want || p.Point() != tt.point || p.VLAN() != tt.vlan {
			t.Errorf("NewPath(%d, %d): got %#x with point %d, VLAN %d; want %#x", tt.point, tt.vlan, p, p.Point(), p.VLAN(), tt.want)
		}
	}
	if p := NewPath(1, 0xf064); p.Point() != 1 || p.VLAN() != 0x064 {
		t.Errorf("an identifier beyond 12 bits: got point %d, VLAN %#x", p.Point(), p.VLAN())
	}
}

// TestPathOfFirstPacket: a stream is where its first packet was, whether it
// was announced or had to prove itself first, and without paths at 0.
func TestPathOfFirstPacket(t *testing.T) {
	tests := []struct {
		name      string
		announced bool
		paths     []Path
		want      Path
	}{
		{"announced", true, []Path{NewPath(2, 30), NewPath(1, 20)}, NewPath(2, 30)},
		{"on probation", false, []Path{NewPath(2, 30), NewPath(1, 20)}, NewPath(2, 30)},
		{"no paths", true, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table := NewTable(Config{})
			ps := roundRobin(1)
			if tt.announced {
				table.Hint(&Hint{At: ps[0].At, Endpoint: ps[0].Destination(), Formats: []Format{{PayloadType: 0, Encoding: "PCMU", ClockRate: 8000}}})
			}
			for i := range 100 { // 2 s
				advance(ps, i)
				paths := tt.paths
				if len(paths) > 0 {
					paths = paths[min(i, 1):]
				}
				table.UpdateBatch(ps, paths)
			}
			var got []Path
			table.Close(func(r *Report) { got = append(got, r.Path) })
			if len(got) != 1 || got[0] != tt.want {
				t.Errorf("got %#x, want one report with path %#x", got, tt.want)
			}
		})
	}
}

// TestPathsOfLongBatch: paths stay beside their packets across the chunks in
// which a batch is looked up, and a list that is too short means path 0.
func TestPathsOfLongBatch(t *testing.T) {
	const n = 3*batch + 5
	table := NewTable(Config{})
	ps := roundRobin(n)
	paths := make([]Path, n-1)
	for i := range paths {
		paths[i] = NewPath(uint16(i), 7)
	}
	for i := range 100 {
		advance(ps, i)
		table.UpdateBatch(ps, paths)
	}
	seen := 0
	table.Close(func(r *Report) {
		i := int(r.SSRC * 244002641) // 2654435761's inverse modulo 2^32 gives the number back
		want := Path(0)
		if i < len(paths) {
			want = paths[i]
		}
		if r.Path != want {
			t.Errorf("stream %d: got path %#x, want %#x", i, r.Path, want)
		}
		seen++
	})
	if seen != n {
		t.Errorf("got %d streams, want %d", seen, n)
	}
}
