package rtpstats

// pageSize is how many elements a slab's page holds.
const pageSize = 256

// slab hands out numbered elements from pages that never move and are never
// given back: the number is the name, a freed number is used again. Elements
// hold no pointers, so the garbage collector does not look into the pages.
type slab[T any] struct {
	pages []*[pageSize]T
	free  []uint32
	next  uint32
}

// at returns element i.
func (s *slab[T]) at(i uint32) *T { return &s.pages[i/pageSize][i%pageSize] }

// take returns the number of a zeroed element.
func (s *slab[T]) take() uint32 {
	if n := len(s.free); n > 0 {
		i := s.free[n-1]
		s.free = s.free[:n-1]
		return i
	}
	if int(s.next) == len(s.pages)*pageSize {
		s.pages = append(s.pages, new([pageSize]T))
	}
	s.next++
	return s.next - 1
}

// give frees element i.
func (s *slab[T]) give(i uint32) {
	var zero T
	*s.at(i) = zero
	s.free = append(s.free, i)
}

// release frees element i without clearing it, for those that are written
// before they are read.
func (s *slab[T]) release(i uint32) { s.free = append(s.free, i) }

// live returns how many elements are in use.
func (s *slab[T]) live() int { return int(s.next) - len(s.free) }
