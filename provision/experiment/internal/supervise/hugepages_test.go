package supervise

import (
	"io/ioutil"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestATrialsProcessHasSmallPagesOnly(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	b := command{executable: "/bin/cat", args: []string{"cat", "/proc/self/status"}, files: []*os.File{nil, write}}
	process, err := b.start(&syscall.SysProcAttr{})
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	status, _ := ioutil.ReadAll(read)
	if _, err := process.Wait(); err != nil || !strings.Contains(string(status), "Name:\tcat") {
		t.Fatal(err, string(status))
	}
	if strings.Contains(string(status), "THP_enabled:\t1") {
		t.Error("transparent huge pages are on in the process")
	}
}
