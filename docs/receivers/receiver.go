// A receiver of milepost's webhooks. Go 1.20 or newer, the standard library alone.
//
//	WEBHOOK_SECRET=whsec_... go run receiver.go 9000
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxAge       = 5 * time.Minute
	maxBodyBytes = 1 << 20
)

type event struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// verify returns the event, if it is from milepost and not a recording. body: the bytes as they came.
func verify(body []byte, headers http.Header, secret string) (event, error) {
	id, timestamp := headers.Get("webhook-id"), headers.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > maxAge {
		return event{}, errors.New("too old, or no timestamp")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return event{}, err
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.", id, timestamp)
	mac.Write(body)
	expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	// Two signatures while a secret is replaced: one that matches is enough.
	for _, one := range strings.Split(headers.Get("webhook-signature"), " ") {
		if hmac.Equal([]byte(one), []byte(expected)) {
			var received event
			err := json.Unmarshal(body, &received)
			return received, err
		}
	}
	return event{}, errors.New("bad signature")
}

func main() {
	secret := os.Getenv("WEBHOOK_SECRET")
	if secret == "" || len(os.Args) != 2 {
		log.Fatal("usage: WEBHOOK_SECRET=whsec_... receiver PORT")
	}
	// Yours is a table with a unique index on the webhook-id.
	var seen sync.Map
	handler := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
		if err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		received, err := verify(body, r.Header, secret)
		if err != nil {
			log.Printf("refused: %v", err)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		// At least once: what has been here before is answered and left alone.
		if _, known := seen.LoadOrStore(received.ID, true); !known {
			fmt.Println(received.ID, received.Type)
		}
		w.WriteHeader(http.StatusNoContent)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, http.HandlerFunc(handler)))
}
