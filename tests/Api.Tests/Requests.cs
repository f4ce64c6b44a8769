using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using MnistLstm.Api.Predictions;

namespace MnistLstm.Api.Tests;

/// <summary>Requests as clients send them, and answers as they read them.</summary>
internal static class Requests
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static HttpContent Raw(byte[] file, string? contentType = "image/png")
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        return content;
    }

    public static MultipartFormDataContent Form(string field, params byte[][] files)
    {
        var form = new MultipartFormDataContent();
        foreach (byte[] file in files)
        {
            form.Add(Raw(file), field, "digit.png");
        }

        return form;
    }

    public static async Task<Prediction> PredictAsync(this HttpClient client, HttpContent content, string query = "")
    {
        using HttpResponseMessage response =
            await client.PostAsync(new Uri("/predict" + query, UriKind.Relative), content);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<Prediction>(Json))!;
    }

    public static async Task<JsonElement> ReadJsonAsync(this HttpResponseMessage response)
    {
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }
}
