// Before anything is drawn: the reader's theme, so that the page does not flash.
import { remembered } from "./theme";

remembered();
