// Package mos is the arithmetic of the E-model: ITU-T G.107, G.107.1 and G.107.2.
package mos
