package config

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"gclab/gcexp/internal/contract"
	"gclab/gcexp/internal/fault"
)

const good = `{"schema":1,"run":"r-1","dir":"/var/lib/gclab","limitBytes":33554432,"trials":5,"mode":"self","gc":false,"gogc":null,"gomemlimit":null,"env":{},"sampleHz":1000,"port":1112,"timeoutMs":60000}`

func TestParseTakesWhatTheContractShows(t *testing.T) {
	c, err := Parse([]byte(good))
	if err != nil || c.Trials != 5 || c.GOGC != nil || c.Run != "r-1" {
		t.Fatalf("got %+v, %v", c, err)
	}
}

func TestParseRefusesWithACode(t *testing.T) {
	for _, change := range []string{
		`"schema":2`, `"run":""`, `"run":"../x"`, `"run":"a b"`, `"run":"-x"`, `"run":"a\nb"`, `"dir":"relative"`, `"dir":"/"`, `"dir":"/a/../b"`,
		`"limitBytes":0`, `"limitBytes":-1`, `"limitBytes":9223372036854775807`, `"trials":0`, `"mode":"other"`, `"sampleHz":-1`, `"sampleHz":99999`,
		`"port":70000`, `"timeoutMs":0`, `"env":{"":"x"}`, `"env":{"A=B":"x"}`, `"env":{"A":"x\u0000y"}`, `"gogc":"\u0000"`, `"trials":"5"`,
	} {
		line := mustOverlay(t, good, change)
		_, err := Parse(line)
		var why *fault.Fault
		if !errors.As(err, &why) || why.Code != "bad-config" || why.ExitCode() != 2 {
			t.Errorf("%s: got %v, want bad-config", change, err)
		}
	}
	for _, line := range []string{"", "{", "null!", "[]"} {
		if _, err := Parse([]byte(line)); err == nil {
			t.Errorf("%q was taken for a configuration", line)
		}
	}
}

func mustOverlay(t *testing.T, base, change string) []byte {
	t.Helper()
	values := map[string]interface{}{}
	for _, text := range []string{base, "{" + change + "}"} {
		if err := json.Unmarshal([]byte(text), &values); err != nil {
			t.Fatal(err)
		}
	}
	line, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func TestChildEnvKeepsValuesByteForByte(t *testing.T) {
	odd := "a b\t\"c\" 'd' $(id) `id`\nsecond line\\ é"
	c := Default()
	c.Env = map[string]string{"ODD": odd, "GODEBUG": "madvdontneed=1"}
	gogc := "50"
	c.GOGC = &gogc
	env := c.ChildEnv([]string{"PATH=/bin", "ODD=old"})
	want := []string{"PATH=/bin", "ODD=" + odd, "GODEBUG=madvdontneed=1,gctrace=1", "GOGC=50"}
	if !reflect.DeepEqual(env, want) {
		t.Fatalf("got %q\nwant %q", env, want)
	}
}

func TestWithoutKnobsDropsWhatSteersTheRuntimeOnly(t *testing.T) {
	kept := WithoutKnobs([]string{"GOGC=1", "GOMEMLIMIT=1", "GODEBUG=x", "GOMAXPROCS=1", "GOTRACEBACK=all", "GOPATH=/go", "HOME=/root"})
	if strings.Join(kept, " ") != "GOPATH=/go HOME=/root" {
		t.Fatal(kept)
	}
}

func TestTheBoundOfTrialsIsTheControllersToo(t *testing.T) {
	var bounds struct{ TrialsPerRun int }
	if err := contract.Read("bounds.json", &bounds); err != nil || bounds.TrialsPerRun != maxTrials {
		t.Fatal(bounds, err)
	}
}
