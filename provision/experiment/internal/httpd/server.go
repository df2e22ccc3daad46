// Package httpd is as much of an HTTP/1.1 server as the interactive mode needs. The standard one would
// do, but linking it puts 0.3 MiB into every trial's process, a tenth of what the default limit leaves
// beside the first allocation: on some hosts the process then dies before the experiment begins.
package httpd

import (
	"bufio"
	"io"
	"io/ioutil"
	"net"
	"sync"
	"time"
)

// Bounds of what a client may ask of the server.
const (
	// KeepAlive is how long an idle connection stays open.
	KeepAlive  = 60 * time.Second
	readWithin = 10 * time.Second
	maxHead    = 16 << 10
	maxBody    = 1 << 20
	maxClients = 64
	// A client that is refused while it sends reads why only if what it sends is read for a while longer.
	maxLinger    = 16 << 20
	lingerWithin = 2 * time.Second
	// A client without a place costs as little as can be: it is answered unheard.
	maxRefused   = 128
	refuseWithin = 500 * time.Millisecond
	// A client that has just come is given so long to ask.
	firstWithin = time.Second
)

// Handler answers one request. It may be called from many goroutines at once.
type Handler func(Request) Response

// Serve answers until quit is closed; answers under way are then finished, for two seconds at most.
func Serve(listener net.Listener, handle Handler, quit <-chan struct{}) error {
	s := &server{handle: handle, quit: quit, idleSince: map[net.Conn]idleness{}, places: make(chan struct{}, maxClients), refused: make(chan struct{}, maxRefused)}
	go func() {
		<-quit
		listener.Close()
	}()
	for {
		client, err := listener.Accept()
		if err == nil {
			s.admit(client)
			continue
		}
		select {
		case <-quit:
			s.finish(2 * time.Second)
			return nil
		default:
		}
		if temporary, ok := err.(net.Error); !ok || !temporary.Temporary() {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

type server struct {
	handle Handler
	quit   <-chan struct{}
	places chan struct{}
	// refused has the clients that are still to read that there is no room.
	refused chan struct{}
	busy    sync.WaitGroup
	mutex   sync.Mutex
	// idleSince has the clients that are connected.
	idleSince map[net.Conn]idleness
}

// idleness tells since when a client has asked for nothing, or zero, and whether it ever did.
type idleness struct {
	since time.Time
	known bool
}

// admit serves a client, or tells it that there is no room, before anything of what it asks for is done.
func (s *server) admit(client net.Conn) {
	if s.takePlace() {
		s.busy.Add(1)
		go s.serve(client)
		return
	}
	_ = client.SetWriteDeadline(time.Now().Add(refuseWithin))
	_, err := client.Write(refuse(503, "as many clients as can be served are connected: ask again").bytes(false))
	select {
	case s.refused <- struct{}{}:
	default:
		err = io.ErrShortBuffer
	}
	if err != nil {
		client.Close()
		return
	}
	go func() {
		linger(client, refuseWithin)
		client.Close()
		<-s.refused
	}()
}

// takePlace finds room for one more client; the one that has been idle for longest makes it.
func (s *server) takePlace() (taken bool) {
	select {
	case s.places <- struct{}{}:
		return true
	default:
	}
	if !s.closeLongestIdle() {
		return false
	}
	select {
	case s.places <- struct{}{}:
		return true
	case <-time.After(refuseWithin):
	case <-s.quit:
	}
	return false
}

// closeLongestIdle leaves a client alone that has just come: what it asks for may be on its way.
func (s *server) closeLongestIdle() (closed bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var longest net.Conn
	for client, idle := range s.idleSince {
		mayGo := !idle.since.IsZero() && (idle.known || time.Since(idle.since) > firstWithin)
		if mayGo && (longest == nil || idle.since.Before(s.idleSince[longest].since)) {
			longest = client
		}
	}
	if longest == nil {
		return false
	}
	longest.Close()
	delete(s.idleSince, longest)
	return true
}

// serve answers the requests of one connection, one after another.
func (s *server) serve(client net.Conn) {
	defer func() {
		s.forget(client)
		client.Close()
		<-s.places
		s.busy.Done()
	}()
	reader := bufio.NewReaderSize(client, 4096)
	for {
		s.goIdle(client)
		_ = client.SetReadDeadline(time.Now().Add(KeepAlive))
		if _, err := reader.Peek(1); err != nil {
			return
		}
		if !s.goOn(client) {
			return
		}
		_ = client.SetReadDeadline(time.Now().Add(readWithin))
		request, refused := read(reader, client)
		response := refused
		if response == nil {
			response = s.answer(request)
		}
		response.last = response.last || refused != nil || !request.keepAlive || s.quitting()
		_ = client.SetWriteDeadline(time.Now().Add(readWithin))
		_, err := client.Write(response.bytes(request.Method == "HEAD"))
		if err == nil && refused != nil {
			linger(client, lingerWithin)
		}
		if err != nil || response.last {
			return
		}
	}
}

// linger reads on for a while: closing with bytes unread would have the kernel throw the answer away.
func linger(client net.Conn, within time.Duration) {
	if half, ok := client.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	_ = client.SetReadDeadline(time.Now().Add(within))
	_, _ = io.CopyN(ioutil.Discard, client, maxLinger)
}

func (s *server) answer(request Request) *Response {
	response := s.handle(request)
	return &response
}

func (s *server) quitting() bool {
	select {
	case <-s.quit:
		return true
	default:
		return false
	}
}

func (s *server) goIdle(client net.Conn) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	_, known := s.idleSince[client]
	s.idleSince[client] = idleness{since: time.Now(), known: known}
}

// goOn is false for a client that had to make room: nothing of what it asks for is done.
func (s *server) goOn(client net.Conn) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if _, there := s.idleSince[client]; !there {
		return false
	}
	s.idleSince[client] = idleness{known: true}
	return true
}

func (s *server) forget(client net.Conn) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.idleSince, client)
}

// finish closes idle connections and waits for the others.
func (s *server) finish(within time.Duration) {
	s.mutex.Lock()
	for client, idle := range s.idleSince {
		if !idle.since.IsZero() {
			client.Close()
		}
	}
	s.mutex.Unlock()
	done := make(chan struct{})
	go func() {
		s.busy.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(within):
	}
}
