// The page of the API: Swagger UI with the description of the server.

import { csrf } from "./api.js";

SwaggerUIBundle({
  url: "/v3/api-docs",
  dom_id: "#description",
  deepLinking: true,
  requestInterceptor: (request) => {
    Object.assign(request.headers, csrf());
    return request;
  },
});
