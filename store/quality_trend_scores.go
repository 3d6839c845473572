package store

// Scores counts MOS values by hundredths, so that any quantile of any number of
// them can be told to two decimals. The zero value has none.
type Scores struct {
	counts []int // by hundredth
	n      int
}

// mostHundredths is the highest score that there can be: of the fullband scale.
const mostHundredths = 500

// add counts n values; 0 is no score.
func (s *Scores) add(hundredths, n int) {
	if hundredths <= 0 || hundredths > mostHundredths {
		return
	}
	if s.counts == nil {
		s.counts = make([]int, mostHundredths+1)
	}
	s.counts[hundredths] += n
	s.n += n
}

// Len is how many values there are.
func (s *Scores) Len() int { return s.n }

// Quantile is the least value that so many percent of all do not exceed (the
// nearest rank); 0 where there is none.
func (s *Scores) Quantile(percent int) float64 {
	rank := max(1, (s.n*percent+99)/100)
	seen := 0
	for i, n := range s.counts {
		if seen += n; seen >= rank {
			return float64(i) / 100
		}
	}
	return 0
}
