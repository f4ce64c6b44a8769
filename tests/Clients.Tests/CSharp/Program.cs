using Microsoft.Kiota.Abstractions;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;

string address = args[0];
byte[] picture = File.ReadAllBytes(args[1]);

using var http = new HttpClient { BaseAddress = new Uri(address) };
var nswag = new NSwagClient.DigitsClient(http) { BaseUrl = address };
Console.WriteLine((await nswag.PredictAsync(file: new NSwagClient.FileParameter(new MemoryStream(picture)))).Digit);
NSwagClient.PredictionBatch batch = await nswag.PredictBatchAsync(files:
    [new NSwagClient.FileParameter(new MemoryStream(picture)),
        new NSwagClient.FileParameter(new MemoryStream("text"u8.ToArray()))]);
foreach (NSwagClient.BatchEntry entry in batch.Predictions)
{
    Console.WriteLine(entry.Prediction?.Digit.ToString() ?? entry.Error?.Type);
}

Console.WriteLine(string.Join(' ', (await nswag.ListModelsAsync()).Models.Select(model => model.Name)));
Console.WriteLine((await nswag.GetModelAsync("seed")).Name);

var nswagRaw = new NSwagRaw.DigitsClient(http) { BaseUrl = address };
Console.WriteLine((await nswagRaw.PredictAsync(body: new NSwagRaw.FileParameter(new MemoryStream(picture), "five.png",
    "image/png"))).Digit);
Console.WriteLine(string.Join(' ', (await nswagRaw.ListModelsAsync()).Models.Select(model => model.Name)));
Console.WriteLine((await nswagRaw.GetModelAsync("seed")).Name);

using var adapter = new HttpClientRequestAdapter(new AnonymousAuthenticationProvider()) { BaseUrl = address };
var form = new KiotaForm.DigitsClient(adapter);
adapter.BaseUrl = address;
var body = new MultipartBody();
body.AddOrReplacePart("file", "image/png", picture, "five.png");
Console.WriteLine((await form.Predict.PostAsync(body))?.Digit);
var raw = new KiotaRaw.DigitsClient(adapter);
adapter.BaseUrl = address;
Console.WriteLine((await raw.Predict.PostAsync(new MemoryStream(picture), "image/png"))?.Digit);
try
{
    await raw.Predict.PostAsync(new MemoryStream("text"u8.ToArray()), "image/png");
}
catch (KiotaRaw.Models.Problem problem)
{
    Console.WriteLine(problem.Type);
}

Console.WriteLine(string.Join(' ', (await raw.Models.GetAsync())?.Models?.Select(model => model.Name) ?? []));
Console.WriteLine((await raw.Models["seed"].GetAsync())?.Name);
