// Package interactive is the HTTP mode: the caller decides what is allocated and released, and when.
package interactive

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"gclab/gcexp/internal/httpd"
	"gclab/gcexp/internal/store"
)

// Teller is told what happens; the supervisor listens.
type Teller interface {
	BeginRequest(step string, bytes int64, key string)
	Request(route string, bytes int64, key string, status int, durationUs int64)
}

// Routes answers the requests of the interactive mode.
type Routes struct {
	store      *store.Store
	limitBytes int64
	usage      func() (bytes int64, known bool)
	tell       Teller
	cache      func(bytes int64) error
	sessions   sessions
	quit       chan struct{}
	quitOnce   sync.Once
}

// NewRoutes makes the routes. usage tells what the cgroup is charged with, cache fills the page cache with so many bytes.
func NewRoutes(limitBytes int64, usage func() (int64, bool), cache func(int64) error, tell Teller) *Routes {
	room := func() (int64, bool) {
		used, known := usage()
		return limitBytes - used, known
	}
	return &Routes{store: store.New(room), limitBytes: limitBytes, usage: usage, cache: cache, tell: tell, sessions: sessions{last: map[string]uint64{}}, quit: make(chan struct{})}
}

// Quit is closed when somebody asked for the end.
func (rs *Routes) Quit() <-chan struct{} { return rs.quit }

// route is one of the paths: what it does, and whether it takes `bytes`.
type route struct {
	do         func(bytes int64) answer
	takesBytes bool
	// takesEach tells that it can be asked for objects of a size.
	takesEach bool
	// beyondLimit tells that more bytes than the limit make sense.
	beyondLimit bool
	postOnly    bool
}

const known = "/add?bytes=n[&each=n], /rel?bytes=n, /gc, /stats, /reset, /cache?bytes=n, and POST /quit"

func (rs *Routes) find(path string) (route, bool) {
	found, ok := map[string]route{
		"/add":   {do: rs.add, takesBytes: true, takesEach: true},
		"/rel":   {do: rs.rel, takesBytes: true},
		"/gc":    {do: rs.gc},
		"/stats": {do: rs.stats},
		"/reset": {do: rs.reset},
		"/cache": {do: rs.fill, takesBytes: true, beyondLimit: true},
		"/quit":  {do: rs.end, postOnly: true},
	}[path]
	return found, ok
}

// Answer answers one request.
func (rs *Routes) Answer(r httpd.Request) httpd.Response {
	started := time.Now()
	response, bytes := rs.answer(r)
	rs.tell.Request(r.Path, bytes, r.Header(KeyHeader), response.Status, time.Since(started).Microseconds())
	return response
}

func (rs *Routes) answer(r httpd.Request) (response httpd.Response, bytes int64) {
	found, ok := rs.find(r.Path)
	if !ok {
		return refusal(r, 404, "no such route: there are "+known), 0
	}
	if r.Method != "POST" && (found.postOnly || r.Method != "GET") {
		response = refusal(r, 405, r.Path+" answers "+allowed(found))
		response.Allow = allowed(found)
		return response, 0
	}
	do := found.do
	if found.takesBytes {
		var err error
		if bytes, do, err = rs.sized(found, r.RawQuery); err != nil {
			return refusal(r, 400, err.Error()), 0
		}
	}
	key := r.Header(KeyHeader)
	if status, err := rs.sessions.admit(key, func() { rs.tell.BeginRequest(r.Path[1:], bytes, key) }); err != nil {
		return refusal(r, status, err.Error()), 0
	}
	return do(bytes).response(r), bytes
}

// sized reads what the query asks for, and gives what to do with it.
func (rs *Routes) sized(found route, rawQuery string) (bytes int64, do func(int64) answer, err error) {
	most := rs.limitBytes
	if found.beyondLimit {
		most *= maxCache
	}
	if bytes, err = parseBytes(rawQuery, most); err != nil || !found.takesEach {
		return bytes, found.do, err
	}
	each, err := parseEach(rawQuery, bytes)
	if err != nil || each == 0 {
		return bytes, found.do, err
	}
	return bytes, func(bytes int64) answer { return rs.addObjects(bytes, each) }, nil
}

// maxCache is how many times the limit a file for the page cache may have.
const maxCache = 64

func allowed(found route) string {
	if found.postOnly {
		return "POST"
	}
	return "GET, POST"
}

func (rs *Routes) add(bytes int64) answer {
	rs.store.Add(bytes)
	return answer{lines: []string{fmt.Sprintf("added:  %d", bytes)}, fields: map[string]interface{}{"added": bytes}}
}

func (rs *Routes) addObjects(bytes, each int64) answer {
	rs.store.AddObjects(bytes, each)
	return answer{
		lines:  []string{fmt.Sprintf("added:  %d", bytes), fmt.Sprintf("each:  %d", each)},
		fields: map[string]interface{}{"added": bytes, "each": each},
	}
}

func (rs *Routes) fill(bytes int64) answer {
	if err := rs.cache(bytes); err != nil {
		return answer{failed: err}
	}
	return answer{lines: []string{fmt.Sprintf("cached:  %d", bytes)}, fields: map[string]interface{}{"cached": bytes}}
}

func (rs *Routes) rel(bytes int64) answer {
	done := rs.store.Release(bytes)
	a := answer{
		lines:  []string{fmt.Sprintf("released:  %d", done.Released), fmt.Sprintf("not released:  %d", done.NotReleased)},
		fields: map[string]interface{}{"released": done.Released, "notReleased": done.NotReleased, "collected": done.Collected},
	}
	if done.Collected {
		a.lines = append(a.lines, "a collection made room for what stays of a slab released in part")
	}
	return a
}

func (rs *Routes) gc(int64) answer {
	runtime.GC()
	return answer{}
}

func (rs *Routes) stats(int64) answer {
	bytes, slabs := rs.store.Retained()
	fields := map[string]interface{}{"limitBytes": rs.limitBytes, "retainedBytes": bytes, "slabs": slabs, "usageBytes": nil}
	if used, known := rs.usage(); known {
		fields["usageBytes"] = used
	}
	return answer{fields: fields}
}

func (rs *Routes) reset(int64) answer {
	bytes := rs.store.Reset()
	runtime.GC()
	return answer{fields: map[string]interface{}{"released": bytes}}
}

func (rs *Routes) end(int64) answer {
	rs.quitOnce.Do(func() { close(rs.quit) })
	return answer{lines: []string{"ending"}, fields: map[string]interface{}{"ending": true}, bare: true}
}
