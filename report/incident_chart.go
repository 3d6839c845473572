package report

import (
	"bytes"
	"html/template"

	"earshot/alerting"
)

// incidentChart draws how the impairment went; nil where nothing was counted,
// or it cannot be drawn: the report tells the rest.
func incidentChart(c *alerting.Case) *sheetChart {
	v := ChartOf(c)
	if v == nil {
		return nil
	}
	svg, err := v.SVG()
	if err != nil {
		return nil
	}
	if begin := bytes.Index(svg, []byte("<svg")); begin > 0 {
		svg = svg[begin:] // in a page there is no declaration of XML
	}
	return &sheetChart{SVG: template.HTML(svg), Text: clean(v.desc(), maxReportText), Picture: true} // every text in it is escaped
}
