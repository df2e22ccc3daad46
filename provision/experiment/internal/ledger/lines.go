package ledger

import (
	"bytes"
	"fmt"
	"strings"
)

// Entry is what a line says. Action is `make` before something is made, `applied` when a change was seen through, and
// `removed` after it is gone.
type Entry struct {
	Action string
	// Kind is `run` (its folder) or `cgroup`; others are not gcexp's.
	Kind string
	// Run is the run's name, or the id of another kind.
	Run  string
	Path string
}

// line is one line of a ledger as it stands there; one that is no entry is somebody else's to judge.
type line struct {
	text    []byte
	entry   Entry
	isEntry bool
}

func (e Entry) line(at string) (text []byte, ok bool) {
	path := ""
	if e.Path != "" {
		path = `,"path":"` + e.Path + `"`
	}
	text = []byte(fmt.Sprintf(`{"schema":1,"at":"%s","action":"%s","kind":"%s","id":"%s"%s}`, at, e.Action, e.Kind, e.Run, path))
	_, ok = read(text)
	return append(text, '\n'), ok
}

// read tells what counts as an entry; provision/guest/ledger.sh reads and writes the same. Without the package regexp, which every
// trial's process would carry too.
func read(text []byte) (entry Entry, ok bool) {
	r := reader{rest: string(text), ok: true}
	r.part(`{"schema":1,"at":"`, "0123456789TZ:.+-")
	entry.Action = r.part(`","action":"`, lower)
	entry.Kind = r.part(`","kind":"`, lower+"-")
	entry.Run = r.part(`","id":"`, letters+"._-")
	if strings.HasPrefix(r.rest, `","path":"`) {
		entry.Path = r.part(`","path":"`, "")
	}
	isAction := entry.Action == "make" || entry.Action == "applied" || entry.Action == "removed"
	isWhole := r.rest == `"}` || strings.HasPrefix(r.rest, `","files":[`) && strings.HasSuffix(r.rest, "]}")
	return entry, r.ok && isAction && isWhole && !strings.HasPrefix(entry.Kind, "-") && !strings.ContainsAny(entry.Run[:1], "._-")
}

const (
	lower   = "abcdefghijklmnopqrstuvwxyz"
	letters = "0123456789" + lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

type reader struct {
	rest string
	ok   bool
}

// part takes what is to stand there, and what stands between it and the next quote, of these characters; none given: of a path's.
func (r *reader) part(before, of string) string {
	value := strings.TrimPrefix(r.rest, before)
	quote := strings.IndexByte(value, '"')
	if len(value) == len(r.rest) || quote < 1 {
		r.ok = false
		return "."
	}
	r.rest, value = value[quote:], value[:quote]
	for i := 0; i < len(value); i++ {
		if of == "" && (value[i] < ' ' || value[i] == 0x7f || value[i] == '\\') || of != "" && strings.IndexByte(of, value[i]) < 0 {
			r.ok = false
		}
	}
	return value
}

// parse reads the lines of a ledger. Where a power cut left zeros they count for nothing, as a shell reads them.
func parse(ledger []byte) []line {
	var lines []line
	for _, text := range bytes.Split(bytes.Replace(ledger, []byte{0}, nil, -1), []byte{'\n'}) {
		if len(text) == 0 {
			continue
		}
		l := line{text: text}
		l.entry, l.isEntry = read(text)
		lines = append(lines, l)
	}
	return lines
}

// open are the lines that a ledger still needs, in their order: what is made and not removed, what of that was seen through, and
// what cannot be read.
func open(lines []line) []line {
	var left []line
	for _, l := range lines {
		if !l.isEntry {
			left = append(left, l)
			continue
		}
		switch l.entry.Action {
		case "applied":
			if has(left, l.entry, "make") && !has(left, l.entry, "applied") {
				left = append(left, l)
			}
		case "make":
			left = append(without(left, l.entry), l)
		case "removed":
			left = without(left, l.entry)
		}
	}
	return left
}

func (e Entry) isOf(other Entry) bool {
	return e.Kind == other.Kind && e.Run == other.Run && e.Path == other.Path
}

func (e Entry) isOfRun(name string) bool {
	return e.Run == name && (e.Kind == "run" || e.Kind == "cgroup")
}

func has(lines []line, thing Entry, action string) bool {
	for _, l := range lines {
		if l.isEntry && l.entry.isOf(thing) && l.entry.Action == action {
			return true
		}
	}
	return false
}

func without(lines []line, gone Entry) []line {
	var kept []line
	for _, l := range lines {
		if !l.isEntry || !l.entry.isOf(gone) {
			kept = append(kept, l)
		}
	}
	return kept
}
