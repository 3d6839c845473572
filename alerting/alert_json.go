package alerting

import (
	"encoding/json"
	"math"
	"time"
)

// plainFigures are Figures without methods.
type plainFigures Figures

// figuresJSON is the JSON of Figures: the embedded window is hidden by the one
// in seconds.
type figuresJSON struct {
	plainFigures
	Seconds float64 `json:"window_seconds"`
}

// MarshalJSON writes the window in seconds.
func (f Figures) MarshalJSON() ([]byte, error) {
	return json.Marshal(figuresJSON{plainFigures(f), f.Window.Seconds()})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Figures) UnmarshalJSON(text []byte) error {
	var j figuresJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	*f = Figures(j.plainFigures)
	f.Window = time.Duration(math.Round(j.Seconds * float64(time.Second)))
	return nil
}
