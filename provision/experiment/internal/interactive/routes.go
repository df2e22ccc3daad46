package interactive

import (
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"time"
)

// Teller is told what happens; the supervisor listens.
type Teller interface {
	Begin(step string, bytes int64)
	Request(route string, bytes int64, status int, durationUs int64)
}

// Routes answers the requests of the interactive mode.
type Routes struct {
	store      *Store
	limitBytes int64
	usage      func() (bytes int64, known bool)
	tell       Teller
	quit       chan struct{}
	quitOnce   sync.Once
}

// NewRoutes makes the routes. usage tells what the cgroup is charged with.
func NewRoutes(limitBytes int64, usage func() (int64, bool), tell Teller) *Routes {
	room := func() (int64, bool) {
		used, known := usage()
		return limitBytes - used, known
	}
	return &Routes{store: &Store{room: room}, limitBytes: limitBytes, usage: usage, tell: tell, quit: make(chan struct{})}
}

// Quit is closed when somebody asked for the end.
func (rs *Routes) Quit() <-chan struct{} { return rs.quit }

// route is one of the paths: what it does, and whether it takes `bytes`.
type route struct {
	do         func(bytes int64) answer
	takesBytes bool
	postOnly   bool
}

const known = "/add?bytes=n, /rel?bytes=n, /gc, /stats, /reset, and POST /quit"

func (rs *Routes) find(path string) (route, bool) {
	found, ok := map[string]route{
		"/add":   {do: rs.add, takesBytes: true},
		"/rel":   {do: rs.rel, takesBytes: true},
		"/gc":    {do: rs.gc},
		"/stats": {do: rs.stats},
		"/reset": {do: rs.reset},
		"/quit":  {do: rs.end, postOnly: true},
	}[path]
	return found, ok
}

func (rs *Routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	// Clients keep a connection for the session when they are told how long it lasts.
	w.Header().Set("Connection", "keep-alive")
	w.Header().Set("Keep-Alive", fmt.Sprintf("timeout=%d", int(keepAlive.Seconds())))
	status, bytes := rs.serve(w, r)
	rs.tell.Request(r.URL.Path, bytes, status, time.Since(started).Microseconds())
}

func (rs *Routes) serve(w http.ResponseWriter, r *http.Request) (status int, bytes int64) {
	found, ok := rs.find(r.URL.Path)
	if !ok {
		refuse(w, r, http.StatusNotFound, "no such route: there are "+known)
		return http.StatusNotFound, 0
	}
	if r.Method != http.MethodPost && (found.postOnly || r.Method != http.MethodGet) {
		w.Header().Set("Allow", allowed(found))
		refuse(w, r, http.StatusMethodNotAllowed, r.URL.Path+" answers "+allowed(found))
		return http.StatusMethodNotAllowed, 0
	}
	if found.takesBytes {
		var err error
		if bytes, err = parseBytes(r.URL.Query(), rs.limitBytes); err != nil {
			refuse(w, r, http.StatusBadRequest, err.Error())
			return http.StatusBadRequest, 0
		}
	}
	rs.tell.Begin(r.URL.Path[1:], bytes)
	found.do(bytes).send(w, r)
	return http.StatusOK, bytes
}

func allowed(found route) string {
	if found.postOnly {
		return "POST"
	}
	return "GET, POST"
}

func (rs *Routes) add(bytes int64) answer {
	rs.store.Add(bytes)
	return answer{lines: []string{fmt.Sprintln("added: ", bytes)}, fields: map[string]interface{}{"added": bytes}}.trimmed()
}

func (rs *Routes) rel(bytes int64) answer {
	done := rs.store.Release(bytes)
	a := answer{
		lines:  []string{fmt.Sprintln("released: ", done.Released), fmt.Sprintln("not released: ", done.NotReleased)},
		fields: map[string]interface{}{"released": done.Released, "notReleased": done.NotReleased, "collected": done.Collected},
	}
	if done.Collected {
		a.lines = append(a.lines, "a collection made room for what stays of a slab released in part")
	}
	return a.trimmed()
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

// trimmed takes off the newlines that Sprintln adds.
func (a answer) trimmed() answer {
	for i, line := range a.lines {
		if line[len(line)-1] == '\n' {
			a.lines[i] = line[:len(line)-1]
		}
	}
	return a
}
