package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/ioutil"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// configuration is the line that start reads.
func configuration(t *testing.T, dir, run string, changes map[string]interface{}) string {
	t.Helper()
	c := map[string]interface{}{"schema": 1, "run": run, "dir": dir, "limitBytes": 33554432, "trials": 2, "mode": "self", "sampleHz": 1000, "timeoutMs": 60000}
	for key, value := range changes {
		c[key] = value
	}
	line, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(line) + "\n"
}

// frames takes a stream apart: the bytes of each file, and the last frame.
func frames(t *testing.T, stream string) (files map[string]string, last, body string) {
	t.Helper()
	files = map[string]string{}
	next := map[string]int{}
	marker := "gcexp-stream 1\n"
	rest := stream[strings.Index(stream, marker)+len(marker):]
	for rest != "" {
		newline := strings.IndexByte(rest, '\n')
		var offset, length int
		if n, err := fmt.Sscanf(rest[:newline], "%s %d %d", &last, &offset, &length); n != 3 {
			t.Fatalf("%v: %q", err, rest[:newline])
		}
		body = rest[newline+1 : newline+1+length]
		rest = rest[newline+1+length:]
		if last == "journal" || last == "log" || last == "kernel" {
			if offset != next[last] && next[last] > 0 {
				t.Fatalf("%s: offset %d where %d was next", last, offset, next[last])
			}
			next[last] = offset + length
			files[last] += body
		}
	}
	return files, last, body
}

func startAndWait(t *testing.T, dir, run string, changes map[string]interface{}) (*begun, string) {
	t.Helper()
	b := beginProgram(t, configuration(t, dir, run, changes), "start")
	code := b.code(t)
	out := b.stdout.String()
	if code != 0 && !strings.Contains(out, "\nerror ") {
		t.Fatalf("%d: %s", code, out)
	}
	return b, out
}

func TestStartStreamsTheFilesByteForByteAndCleanRemovesThem(t *testing.T) {
	dir := tempDir(t)
	odd := "a b \"c\" $(id)\nd"
	_, out := startAndWait(t, dir, "r1", map[string]interface{}{"env": map[string]string{"ODD": odd}, "gomemlimit": nil})
	files, last, _ := frames(t, out)
	folder := filepath.Join(dir, "runs", "r1")
	for kind, name := range map[string]string{"journal": "journal.ndjson", "log": "experiment.log", "kernel": "kernel.log"} {
		onDisk, err := ioutil.ReadFile(filepath.Join(folder, name))
		if err != nil || files[kind] != string(onDisk) {
			t.Errorf("%s differs from the disk's (%v)", kind, err)
		}
	}
	if last != "end" || len(ofType(readJournal(t, folder+"/journal.ndjson"), "trial-end")) != 2 {
		t.Error("the run did not end well:", last)
	}
	noCgroupLeft(t, "gclab-r1")
	if got := runProgram(t, "", nil, "clean", "-run", folder); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Error("the folder is still there")
	}
	if got := runProgram(t, "", nil, "clean", "-run", folder); got.code != 0 {
		t.Errorf("cleaning twice: %+v", got)
	}
}

func TestStartRemovesTheRunOnlyWhenItsReaderHasEverything(t *testing.T) {
	dir := tempDir(t)
	for run, told := range map[string]bool{"told": true, "gone": false} {
		b := beginProgram(t, configuration(t, dir, run, nil), "start", "-clean")
		b.waitFor(t, "\nend 0 0\n")
		folder := filepath.Join(dir, "runs", run)
		if _, err := os.Stat(filepath.Join(folder, "journal.ndjson")); err != nil {
			t.Error("removed before it was told:", err)
		}
		if told {
			_, _ = io.WriteString(b.stdin, "clean\n")
		}
		_ = b.stdin.Close()
		if code := b.code(t); code != 0 {
			t.Fatal(code, b.stderr.String())
		}
		if _, err := os.Stat(folder); os.IsNotExist(err) != told {
			t.Errorf("%s: %v", run, err)
		}
	}
}

func TestAFollowerGoesOnFromItsOffsets(t *testing.T) {
	dir := tempDir(t)
	_, out := startAndWait(t, dir, "r2", nil)
	files, _, _ := frames(t, out)
	again := beginProgram(t, "", "follow", "-run", filepath.Join(dir, "runs", "r2"), "-journal", "100", "-log", "7", "-kernel", strconv.Itoa(len(files["kernel"])))
	if code := again.code(t); code != 0 {
		t.Fatal(code, again.stdout.String())
	}
	rest, last, _ := frames(t, again.stdout.String())
	if rest["journal"] != files["journal"][100:] || rest["log"] != files["log"][7:] || rest["kernel"] != "" || last != "end" {
		t.Fatal("the rest differs")
	}
}

func TestTheRunOutlivesItsFollower(t *testing.T) {
	dir := tempDir(t)
	b := beginProgram(t, configuration(t, dir, "r3", map[string]interface{}{"trials": 30}), "start")
	b.waitFor(t, "trial-end")
	if err := b.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	again := beginProgram(t, "", "follow", "-run", filepath.Join(dir, "runs", "r3"))
	if code := again.code(t); code != 0 {
		t.Fatal(code, again.stdout.String())
	}
	files, _, _ := frames(t, again.stdout.String())
	if !strings.Contains(files["journal"], `"reason":"complete","trials":30,"killed":30`) {
		t.Fatal(files["journal"][len(files["journal"])-400:])
	}
}

func TestTheEndOfStdinEndsTheFollowerOnly(t *testing.T) {
	dir := tempDir(t)
	b := beginProgram(t, configuration(t, dir, "r4", map[string]interface{}{"mode": "interactive", "port": 0}), "start")
	b.waitFor(t, `"listening"`)
	b.stdin.Close()
	if code := b.code(t); code != 0 {
		t.Fatal(code)
	}
	folder := filepath.Join(dir, "runs", "r4")
	if got := runProgram(t, "", nil, "clean", "-run", folder); got.code != 1 || !strings.Contains(got.stderr, "still-running") {
		t.Fatalf("%+v", got)
	}
	if got := runProgram(t, "", nil, "stop", "-run", folder); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	events := readJournal(t, folder+"/journal.ndjson")
	if end := events[len(events)-1]; end["reason"] != "stopped" || end["inconclusive"] != 1.0 {
		t.Fatal(end)
	}
	noCgroupLeft(t, "gclab-r4")
	if got := runProgram(t, "", nil, "stop", "-run", folder); got.code != 0 {
		t.Fatalf("stopping twice: %+v", got)
	}
}

func TestALineStopEndsTheRun(t *testing.T) {
	dir := tempDir(t)
	b := beginProgram(t, configuration(t, dir, "r5", map[string]interface{}{"trials": 10000}), "start")
	b.waitFor(t, "trial-end")
	if _, err := b.stdin.Write([]byte("stop\n")); err != nil {
		t.Fatal(err)
	}
	if code := b.code(t); code != 0 {
		t.Fatal(code)
	}
	_, last, _ := frames(t, b.stdout.String())
	if last != "end" || !strings.Contains(b.stdout.String(), `"reason":"stopped"`) {
		t.Fatal(last)
	}
}

func TestErrorsAreTheLastFrameAndALineOfStderr(t *testing.T) {
	dir := tempDir(t)
	startAndWait(t, dir, "taken", nil)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	for name, c := range map[string]struct {
		line string
		code string
		exit int
	}{
		"a run that exists": {configuration(t, dir, "taken", nil), "run-exists", 1},
		"bad JSON":          {"{\n", "bad-config", 2},
		"too small":         {configuration(t, dir, "e1", map[string]interface{}{"limitBytes": 4096}), "limit-too-small", 3},
		"too large":         {configuration(t, dir, "e2", map[string]interface{}{"limitBytes": int64(1) << 49}), "limit-above-memory", 3},
		"port taken":        {configuration(t, dir, "e3", map[string]interface{}{"mode": "interactive", "port": port}), "port-in-use", 1},
	} {
		b := beginProgram(t, c.line, "start")
		code := b.code(t)
		_, last, body := frames(t, b.stdout.String())
		if last != "error" || !strings.Contains(body, `"code":"`+c.code+`"`) || b.stderr.String() != body+"\n" || code != c.exit {
			t.Errorf("%s: %d %s %s %s", name, code, last, body, b.stderr.String())
		}
	}
	for _, run := range []string{"e1", "e3"} {
		noCgroupLeft(t, "gclab-"+run)
	}
	if got := runProgram(t, "", nil, "follow", "-run", filepath.Join(dir, "runs", "none")); !strings.Contains(got.stdout, `"no-run"`) || got.code != 1 {
		t.Errorf("%+v", got)
	}
}

func TestASupervisorThatIsKilledIsNoticedAndCleaned(t *testing.T) {
	dir := tempDir(t)
	b := beginProgram(t, configuration(t, dir, "r6", map[string]interface{}{"mode": "interactive", "port": 0}), "start")
	b.waitFor(t, `"listening"`)
	folder := filepath.Join(dir, "runs", "r6")
	events := readJournal(t, folder+"/journal.ndjson")
	child := int(ofType(events, "trial-start")[0]["pid"].(float64))
	if err := syscall.Kill(parentOf(t, child), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if code := b.code(t); code != 1 || !strings.Contains(b.stdout.String(), `"supervisor-died"`) {
		t.Fatal(code, b.stdout.String())
	}
	for i := 0; syscall.Kill(child, 0) == nil; i++ {
		if i > 500 {
			t.Fatal("the trial's process outlives its supervisor")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if got := runProgram(t, "", nil, "clean", "-run", folder); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	noCgroupLeft(t, "gclab-r6")
}

func parentOf(t *testing.T, pid int) int {
	t.Helper()
	stat, err := ioutil.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	parent, err := strconv.Atoi(string(bytes.Fields(stat[bytes.LastIndexByte(stat, ')'):])[2]))
	if err != nil {
		t.Fatal(err)
	}
	return parent
}

func TestAFullDiskEndsTheRunClearlyAndLeavesNoCgroup(t *testing.T) {
	dir := tempDir(t)
	if err := syscall.Mount("gcexp", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Fatal(err)
	}
	defer syscall.Unmount(dir, 0)
	_, out := startAndWait(t, dir, "full", map[string]interface{}{"trials": 500})
	_, last, body := frames(t, out)
	if last != "error" || !strings.Contains(out, `"code":"no-space"`) {
		t.Fatal(last, body)
	}
	readJournal(t, filepath.Join(dir, "runs", "full", "journal.ndjson"))
	noCgroupLeft(t, "gclab-full")
}

func TestALimitAboveAnAncestorsIsRefused(t *testing.T) {
	group := "/sys/fs/cgroup/memory/gcexp-test-ancestor"
	file := "memory.limit_in_bytes"
	if _, err := os.Stat("/sys/fs/cgroup/memory"); err != nil {
		group, file = "/sys/fs/cgroup/gcexp-test-ancestor", "memory.max"
	}
	script := `mkdir "$1" && echo 16777216 >"$1/$2" && (sh -c 'echo $$ >"$1/cgroup.procs" && exec "$0"' "$0" "$1"); code=$?; rmdir "$1"; exit $code`
	got := runUnder(t, "sh", "-c", script, program, group, file)
	if got.code != 3 || !strings.Contains(got.stderr, "which is 16MiB") {
		t.Fatalf("%+v", got)
	}
}

func TestVersionIsOneLineOfJSON(t *testing.T) {
	got := runProgram(t, "", nil, "version")
	var v struct {
		Program, Go, Arch string
		Schema            int
	}
	if err := json.Unmarshal([]byte(got.stdout), &v); err != nil || v.Program != "gcexp" || v.Schema != 1 || v.Go == "" || v.Arch == "" || strings.Count(got.stdout, "\n") != 1 {
		t.Fatalf("%v %+v", err, got)
	}
}
