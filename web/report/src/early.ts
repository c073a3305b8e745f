// Set the stored theme before the first paint, so that the page does not flash.
import { remembered } from "./theme";

remembered();
