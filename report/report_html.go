package report

import (
	"embed"
	"html/template"
	"io"
)

//go:embed report_sheet.html report_sheet.css page.css
var sheetFiles embed.FS

// html writes the sheet as one page that needs nothing else, on a screen or on
// paper.
func (s *sheet) html(w io.Writer) error {
	style := ""
	for _, name := range []string{"page.css", "report_sheet.css"} {
		text, err := sheetFiles.ReadFile(name)
		if err != nil {
			return err
		}
		style += string(text)
	}
	t, err := template.ParseFS(sheetFiles, "report_sheet.html")
	if err != nil {
		return err
	}
	return t.Execute(w, struct {
		*sheet
		Style template.CSS
	}{s, template.CSS(style)})
}
