package earshot

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// These tests hold the architecture: what docs/architecture.md says of
// imports, goroutines, locks and clocks is checked here, not promised.

// mayImport is the import table of our own packages. A package that is not
// listed may import nothing of ours.
var mayImport = map[string][]string{
	"spelling":        {},
	"mos":             {"spelling"},
	"rtpstats":        {},
	"sipparse":        {},
	"capture/wire":    {},
	"capture":         {"capture/wire"},
	"topology":        {"spelling"},
	"dialog":          {"sipparse", "rtpstats", "mos", "topology"},
	"alerting":        {"dialog", "topology", "rtpstats", "spelling"},
	"sanitise":        {"capture", "capture/wire", "sipparse", "rtpstats"},
	"alerting/outbox": {"alerting", "spelling"},
	"evidence":        {"alerting", "capture", "dialog", "pipeline", "report", "sanitise", "store"},
	"pipeline":        {"capture", "sipparse", "rtpstats", "dialog", "topology"},
	"report":          {"alerting", "dialog", "pipeline", "topology"},
	"web":             {"alerting", "alerting/outbox", "dialog", "pipeline", "topology", "rtpstats", "capture", "spelling", "store"},
	"store":           {"dialog", "alerting", "alerting/outbox", "topology"},
	"cmd/earshot":     {"alerting", "alerting/outbox", "capture", "evidence", "sanitise", "sipparse", "rtpstats", "mos", "dialog", "pipeline", "report", "spelling", "store", "topology", "web", "cmd/earshot/quiet"},
	"cmd/callgen":     {"spelling"},
	"cmd/impair":      {},
	"bench":           {"bench/rig"},
	"bench/rig":       {"capture"},
	"bench/live":      {"bench/rig"},
	"bench/soak":      {"bench/rig"},
}

const module = "earshot"

// file is one non-test Go file of ours.
type file struct {
	path    string // slash-separated, relative to the root
	dir     string
	ast     *ast.File
	imports []string
}

func sources(t *testing.T) (*token.FileSet, []file) {
	t.Helper()
	fset := token.NewFileSet()
	var files []file
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		one := file{path: filepath.ToSlash(path), dir: filepath.ToSlash(filepath.Dir(path)), ast: f}
		for _, imp := range f.Imports {
			name, _ := strconv.Unquote(imp.Path.Value)
			one.imports = append(one.imports, name)
		}
		files = append(files, one)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("found no Go files; the test must run in the module's root")
	}
	return fset, files
}

func TestImports(t *testing.T) {
	_, files := sources(t)
	for _, f := range files {
		for _, imp := range f.imports {
			ours, found := strings.CutPrefix(imp, module+"/")
			if found && !slices.Contains(mayImport[f.dir], ours) {
				t.Errorf("%s imports %s; %s may import only %v", f.path, imp, f.dir, mayImport[f.dir])
			}
		}
	}
}

// TestNoLooseFolders keeps the catch-alls out.
func TestNoLooseFolders(t *testing.T) {
	for _, name := range []string{"internal", "pkg", "util", "utils", "common", "types", "helpers"} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("folder %s: give each of its parts the folder that its noun names", name)
		}
	}
}

// TestGoroutines: goroutines start only where the design shows them.
func TestGoroutines(t *testing.T) {
	fset, files := sources(t)
	allowed := func(f file) bool {
		return f.dir == "pipeline" || f.dir == "web" || strings.HasPrefix(f.dir, "bench") || strings.HasPrefix(f.dir, "cmd/") ||
			f.path == "capture/hep_stream.go" // one for each connection of a HEP listener, and each attempt of a sender to connect
	}
	for _, f := range files {
		if allowed(f) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s starts a goroutine; only pipeline, web, cmd, bench and HEP's connections may", fset.Position(g.Pos()))
			}
			return true
		})
	}
}

// TestNoLocks: the data path has no mutex.
func TestNoLocks(t *testing.T) {
	fset, files := sources(t)
	dirs := []string{"capture", "sipparse", "rtpstats", "mos", "dialog", "pipeline", "topology"}
	for _, f := range files {
		if !slices.Contains(dirs, f.dir) {
			continue
		}
		selectors(f, func(pkg, name string, pos token.Pos) {
			if pkg == "sync" && (name == "Mutex" || name == "RWMutex" || name == "Map") {
				t.Errorf("%s uses sync.%s; the data path has one writer for everything", fset.Position(pos), name)
			}
		})
	}
}

// TestNoWallClock: packet time is the only time. Capture may look at the wall
// clock for live sources, cmd for progress bars and generated captures.
func TestNoWallClock(t *testing.T) {
	fset, files := sources(t)
	for _, f := range files {
		if f.dir == "capture" || f.dir == "web" || strings.HasPrefix(f.dir, "cmd/") || strings.HasPrefix(f.dir, "bench") {
			continue
		}
		selectors(f, func(pkg, name string, pos token.Pos) {
			if pkg == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker"}, name) {
				t.Errorf("%s uses time.%s; take the time as an argument", fset.Position(pos), name)
			}
		})
		for _, imp := range f.imports {
			if strings.HasPrefix(imp, "math/rand") {
				t.Errorf("%s imports %s; results must follow from packets alone", f.path, imp)
			}
		}
	}
}

// selectors calls fn for every pkg.Name in f.
func selectors(f file, fn func(pkg, name string, pos token.Pos)) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok {
			fn(id.Name, sel.Sel.Name, sel.Pos())
		}
		return true
	})
}

// TestDocumented: one package comment each, and a sentence on every exported name.
func TestDocumented(t *testing.T) {
	fset, files := sources(t)
	packageDoc := map[string]int{}
	for _, f := range files {
		packageDoc[f.dir] += 0
		if f.ast.Doc != nil {
			packageDoc[f.dir]++
		}
		for _, d := range f.ast.Decls {
			undocumented(d, func(name string, pos token.Pos) {
				t.Errorf("%s: exported %s has no comment", fset.Position(pos), name)
			})
		}
	}
	for dir, n := range packageDoc {
		if n != 1 {
			t.Errorf("package %s has %d package comments, want 1", dir, n)
		}
	}
}

func undocumented(d ast.Decl, report func(name string, pos token.Pos)) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
			report(d.Name.Name, d.Pos())
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
					report(s.Name.Name, s.Pos())
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
						report(n.Name, n.Pos())
					}
				}
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if idx, ok := typ.(*ast.IndexExpr); ok {
		typ = idx.X
	}
	id, ok := typ.(*ast.Ident)
	return !ok || id.IsExported()
}

// TestFuncLength: a function that no longer fits on a screen or two has a name missing.
func TestFuncLength(t *testing.T) {
	fset, files := sources(t)
	for _, f := range files {
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			if n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line; n > 100 {
				t.Errorf("%s: %s has %d lines, want at most 100", fset.Position(fn.Pos()), fn.Name.Name, n)
			}
		}
	}
}
