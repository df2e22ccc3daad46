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
)

// Handler answers one request. It may be called from many goroutines at once.
type Handler func(Request) Response

// Serve answers until quit is closed; answers under way are then finished, for two seconds at most.
func Serve(listener net.Listener, handle Handler, quit <-chan struct{}) error {
	s := &server{handle: handle, quit: quit, idleSince: map[net.Conn]time.Time{}, places: make(chan struct{}, maxClients)}
	go func() {
		<-quit
		listener.Close()
	}()
	for {
		client, err := listener.Accept()
		if err == nil && s.takePlace() {
			s.busy.Add(1)
			go s.serve(client)
			continue
		}
		if err == nil {
			client.Close()
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
	busy   sync.WaitGroup
	mutex  sync.Mutex
	// idleSince has the clients that are connected: since when each has asked for nothing, or zero.
	idleSince map[net.Conn]time.Time
}

// takePlace waits for room for one more client; the one that has been idle for longest makes it. None is
// taken once the server is to end.
func (s *server) takePlace() (taken bool) {
	select {
	case s.places <- struct{}{}:
		return true
	default:
	}
	s.closeLongestIdle()
	select {
	case s.places <- struct{}{}:
		return true
	case <-s.quit:
		return false
	}
}

func (s *server) closeLongestIdle() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var longest net.Conn
	for client, since := range s.idleSince {
		if !since.IsZero() && (longest == nil || since.Before(s.idleSince[longest])) {
			longest = client
		}
	}
	if longest != nil {
		longest.Close()
	}
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
		s.idle(client, true)
		_ = client.SetReadDeadline(time.Now().Add(KeepAlive))
		if _, err := reader.Peek(1); err != nil {
			return
		}
		s.idle(client, false)
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
			linger(client)
		}
		if err != nil || response.last {
			return
		}
	}
}

// linger reads on for a while: closing with bytes unread would have the kernel throw the answer away.
func linger(client net.Conn) {
	if half, ok := client.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	_ = client.SetReadDeadline(time.Now().Add(lingerWithin))
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

func (s *server) idle(client net.Conn, is bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.idleSince[client] = time.Time{}
	if is {
		s.idleSince[client] = time.Now()
	}
}

func (s *server) forget(client net.Conn) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.idleSince, client)
}

// finish closes idle connections and waits for the others.
func (s *server) finish(within time.Duration) {
	s.mutex.Lock()
	for client, since := range s.idleSince {
		if !since.IsZero() {
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
