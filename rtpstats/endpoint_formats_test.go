package rtpstats

import "testing"

// Lists of all lengths grow side by side, keep what was put and leave no block behind.
func TestFormatLists(t *testing.T) {
	var blocks formatBlocks
	const announced = maxFormats + 3 // three more than are remembered
	var lists [announced + 1]formatList
	for pt := range announced {
		for n := pt + 1; n < len(lists); n++ { // list n is announced n payload types
			blocks.put(&lists[n], format{pt: uint8(pt), clock: uint32(n)})
		}
	}
	for n := range lists {
		blocks.put(&lists[n], format{pt: 0, clock: 48000, codec: 1}) // again, and changed
	}
	for n := range lists {
		for pt := range announced {
			want := pt < min(max(n, 1), maxFormats)
			f := blocks.find(&lists[n], uint8(pt))
			if (f != nil) != want {
				t.Fatalf("list of %d: payload type %d found %t, want %t", n, pt, f != nil, want)
			}
			if f != nil && pt > 0 && f.clock != uint32(n) || f != nil && pt == 0 && f.clock != 48000 {
				t.Errorf("list of %d: payload type %d has clock %d", n, pt, f.clock)
			}
		}
	}
	// 5 of a list stand in the endpoint, and 9 in each block: of lists of 6 to
	// 14 one block, of 15 to 23 two, of 24 to 32 and longer three.
	if want := 9*1 + 9*2 + (9+3)*3; blocks.live() != want {
		t.Errorf("%d blocks in use, want %d", blocks.live(), want)
	}
	for n := range lists {
		blocks.clear(&lists[n])
		if blocks.find(&lists[n], 0) != nil {
			t.Errorf("list of %d has a format after it was cleared", n)
		}
	}
	if blocks.live() != 0 {
		t.Errorf("%d blocks left, want none", blocks.live())
	}
}
