const place = document.getElementById("swagger");
SwaggerUIBundle({
  url: place.dataset.specification,
  domNode: place,
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
