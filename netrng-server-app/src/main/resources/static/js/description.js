// The page of the API: Swagger UI with the description that the server has.

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
