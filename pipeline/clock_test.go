package pipeline

import "testing"

func TestClock(t *testing.T) {
	type step struct {
		at      int64 // ms
		now     int64 // s
		crossed bool
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"a tick a second", []step{{0, 0, true}, {999, 0, false}, {1000, 1, true}, {1001, 1, false}, {2500, 2, true}}},
		{"a jump is one tick", []step{{0, 0, true}, {59_000, 59, true}}},
		{"time never goes back", []step{{5000, 5, true}, {3000, 5, false}, {5999, 5, false}, {6000, 6, true}}},
		{"one damaged time stamp moves nothing", []step{{1000, 1, true}, {4e12, 1, false}, {1500, 1, false}, {2000, 2, true}}},
		{"a long pause needs two packets", []step{{1000, 1, true}, {7_200_000, 1, false}, {7_200_020, 7200, true}}},
		{"two damaged time stamps that disagree move nothing", []step{{1000, 1, true}, {4e12, 1, false}, {9e12, 1, false}, {1100, 1, false}}},
	}
	for _, tt := range tests {
		var c clock
		for i, s := range tt.steps {
			now, crossed := c.advance(s.at * 1e6)
			if now != s.now*second || crossed != s.crossed {
				t.Errorf("%s, step %d: got %d ns, %v, want %d s, %v", tt.name, i, now, crossed, s.now, s.crossed)
			}
		}
	}
}
