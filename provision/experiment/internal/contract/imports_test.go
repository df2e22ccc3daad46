package contract

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// What each package of this program may import of the others. A package that is no more than words or mechanism imports
// nothing that does anything: reading a configuration links neither an HTTP server nor a heap.
var mayImport = map[string]string{
	"cgroup":      "fault size",
	"config":      "fault steps",
	"contract":    "",
	"event":       "cgroup config fault heap host load",
	"fault":       "",
	"heap":        "",
	"host":        "",
	"httpd":       "",
	"interactive": "heap httpd store",
	"journal":     "fault mono",
	"kernellog":   "",
	"ledger":      "fault",
	"load":        "mono",
	"mono":        "",
	"narrate":     "",
	"pagecache":   "",
	"report":      "heap mono",
	"runfolder":   "fault",
	"scenario":    "heap steps store",
	"size":        "",
	"steps":       "",
	"store":       "",
	"stream":      "fault runfolder",
	"supervise":   "cgroup config event fault heap host journal kernellog load mono narrate report size verdict",
	"verdict":     "",
	"workload":    "report store",
}

const ours = "gclab/gcexp/internal/"

func TestAPackageImportsOnlyWhatItIsAbout(t *testing.T) {
	files, err := filepath.Glob("../*/*.go")
	if err != nil || len(files) < 50 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("%s: no package that this test knows", file)
		}
		isTest := strings.HasSuffix(file, "_test.go")
		for _, imported := range importsOf(t, file) {
			if !hasWord(allowed, imported) && !(isTest && imported == "contract") {
				t.Errorf("%s imports %s", file, imported)
			}
		}
	}
}

func importsOf(t *testing.T, file string) (names []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range parsed.Imports {
		if path := strings.Trim(spec.Path.Value, `"`); strings.HasPrefix(path, ours) {
			names = append(names, strings.TrimPrefix(path, ours))
		} else if strings.Contains(path, ".") {
			t.Errorf("%s imports %s: the standard library is all there is", file, path)
		}
	}
	return names
}

func hasWord(words, wanted string) bool {
	for _, word := range strings.Fields(words) {
		if word == wanted {
			return true
		}
	}
	return false
}
