// Command try reads {"secret", "headers", "body"} and says whether verify.go
// takes it for genuine.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	var one struct {
		Secret, Body string
		Headers      map[string]string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&one); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	h := http.Header{}
	for name, value := range one.Headers {
		h.Set(name, value)
	}
	if genuine([]byte(one.Secret), h, []byte(one.Body)) {
		fmt.Println("genuine")
		return
	}
	fmt.Println("refused")
}
