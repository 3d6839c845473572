package store

import (
	"fmt"
	"strconv"

	"earshot/dialog"
)

// Words of what is rare: calls that sounded bad, lost much, did not come about.
// A good call has none of them, so that they cost it nothing; and a question
// for bad ones reads few rows of many.
const (
	wordMOS         = 'm' // below a bound, in tenths: m36
	wordLoss        = 'l' // beyond a bound, in tenths of a percent: l10
	wordDisposition = 'd'
	wordStatus      = 'r'
)

// Bounds that have words. A question for more than the widest reads columns.
var (
	mosBounds  = []float64{2, 2.6, 3.1, 3.6, 4}
	lossBounds = []float64{0.005, 0.01, 0.02, 0.05, 0.1}
)

func mosWord(bound float64) string  { return fmt.Sprintf("%c%.0f", wordMOS, bound*10) }
func lossWord(bound float64) string { return fmt.Sprintf("%c%.0f", wordLoss, bound*1000) }
func statusWord(status int) string  { return string(wordStatus) + strconv.Itoa(status) }

// quality adds the words of a row's columns. They are as the database gives
// them, too: int64 for int.
func (w *wordList) quality(r *row) {
	if mos, known := r.mos.(float64); known {
		for _, bound := range mosBounds {
			if mos < bound {
				w.add(mosWord(bound))
			}
		}
	}
	if loss, known := r.loss.(float64); known {
		for _, bound := range lossBounds {
			if loss > bound {
				w.add(lossWord(bound))
			}
		}
	}
	if d, known := r.disposition.(string); known && d != string(dialog.Answered) {
		w.add(nameWord(wordDisposition, d))
	}
	switch status := r.status.(type) {
	case int:
		w.status(status)
	case int64:
		w.status(int(status))
	}
}

func (w *wordList) status(status int) {
	if status != 200 {
		w.add(statusWord(status))
	}
}

// qualityWords are the words that every row has which a query wants.
func (q *Query) qualityWords() (list []string) {
	if q.MOSBelow > 0 {
		for _, bound := range mosBounds {
			if q.MOSBelow <= bound {
				list = append(list, word(mosWord(bound)))
				break
			}
		}
	}
	for i := len(lossBounds) - 1; i >= 0 && q.LossAbove > 0; i-- {
		if q.LossAbove >= lossBounds[i] {
			list = append(list, word(lossWord(lossBounds[i])))
			break
		}
	}
	if q.Disposition != "" && q.Disposition != dialog.Answered {
		list = append(list, word(nameWord(wordDisposition, string(q.Disposition))))
	}
	if q.Status != 0 && q.Status != 200 {
		list = append(list, word(statusWord(q.Status)))
	}
	return list
}
