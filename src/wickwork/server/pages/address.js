// The example names the address by which this page was opened.
document.getElementById("address").textContent = location.origin;
