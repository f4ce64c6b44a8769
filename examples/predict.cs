// Run: dotnet run examples/predict.cs http://localhost:8080 docs/images/five.png
// Prints: 5 (100 %)
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

using var client = new HttpClient { BaseAddress = new Uri(args[0]) };
using var picture = new ByteArrayContent(await File.ReadAllBytesAsync(args[1]));
picture.Headers.ContentType = new MediaTypeHeaderValue("image/png");

using HttpResponseMessage response = await client.PostAsync("/predict", picture);
JsonNode answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
if (!response.IsSuccessStatusCode)
{
    Console.Error.WriteLine(answer["detail"]);
    return 1;
}

Console.WriteLine($"{answer["digit"]} ({100 * (double)answer["probability"]!:F0} %)");
return 0;
