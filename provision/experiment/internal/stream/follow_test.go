package stream

import (
	"io/ioutil"
	"os"
	"testing"

	"gclab/gcexp/internal/runfolder"
)

// leftBy is the folder of a run whose supervisor is gone, with this journal.
func leftBy(t *testing.T, journal string) runfolder.Folder {
	t.Helper()
	dir, err := ioutil.TempDir("", "gcexp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	folder := runfolder.Of(dir, "r1")
	if err := folder.Make(); err != nil {
		t.Fatal(err)
	}
	if err := ioutil.WriteFile(folder.Journal(), []byte(journal), 0600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestWhyAJournalHasNoEnd(t *testing.T) {
	const elsewhere = `{"type":"journal","host":{"bootId":"00000000-0000-4000-8000-000000000000"}}` + "\n"
	here := `{"type":"journal","host":{"bootId":"` + thisBoot() + `"}}` + "\n"
	for name, c := range map[string]struct{ journal, code string }{
		"another boot":                 {elsewhere + `{"type":"trial-start","t":1,"trial":1}` + "\n", "guest-rebooted"},
		"another boot, and a cut line": {elsewhere + `{"type":"sam`, "guest-rebooted"},
		"this boot":                    {here, "supervisor-died"},
		"no boot id":                   {`{"type":"journal","host":{}}` + "\n", "supervisor-died"},
		"a first line that was cut":    {elsewhere[:30], "supervisor-died"},
		"nothing":                      {"", "supervisor-died"},
	} {
		if why := ending(leftBy(t, c.journal)); why == nil || why.Code != c.code {
			t.Errorf("%s: %v, want %s", name, why, c.code)
		}
	}
	if why := ending(leftBy(t, elsewhere+`{"type":"end","t":2,"reason":"complete","error":null}`+"\n")); why != nil {
		t.Error("a run that ended before the reboot:", why)
	}
}
