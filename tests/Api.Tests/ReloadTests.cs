using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MnistLstm.Api.Health;
using MnistLstm.Api.Models;
using MnistLstm.Api.Predictions;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Tests;

/// <summary>Models that come, change and go while the service runs.</summary>
public sealed class ReloadTests : IDisposable
{
    /// <summary>Upper bound for differences of the same network between a single image and a batch.</summary>
    private const double ProbabilityTolerance = 1e-5;

    private static readonly byte[] Sample =
        GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);
    private static readonly byte[] Digits = File.ReadAllBytes(Repository.PathOf("models", "digits.onnx"));
    private static readonly byte[] Seed = File.ReadAllBytes(Repository.PathOf("models", "seed.onnx"));
    private static readonly string DigitsVersion = VersionOf("digits");
    private static readonly string SeedVersion = VersionOf("seed");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    public ReloadTests() => Put("digits.onnx", Digits);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Fifty_reloads_under_load_fail_no_request_and_leave_no_memory_behind()
    {
        const int Reloads = 50;
        const int WarmUps = 10;
        const int MaxGrowthBytes = 40 * 1024 * 1024;
        Dictionary<string, float[]> expected = new()
        {
            [DigitsVersion] = Probabilities("digits"),
            [SeedVersion] = Probabilities("seed"),
        };
        await using ServiceProcess service =
            await ServiceProcess.StartAsync("--model-folder", _folder.FullName, "--reload-interval", "20ms");
        using var stop = new CancellationTokenSource();
        Dictionary<string, int> answers = new() { [DigitsVersion] = 0, [SeedVersion] = 0 };
        Task[] clients =
        [
            .. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    Prediction prediction = await service.Client.PredictAsync(Requests.Raw(Sample));
                    prediction.Probabilities.ShouldBe(expected[prediction.Model.Version], ProbabilityTolerance);
                    lock (answers)
                    {
                        answers[prediction.Model.Version]++;
                    }
                }
            }))
        ];

        long warmBytes = 0;
        for (int i = 0; i < Reloads; i++)
        {
            bool odd = i % 2 == 1;
            Put("digits.onnx", odd ? Digits : Seed);
            await ServesAsync(service.Client, "digits", odd ? DigitsVersion : SeedVersion);
            warmBytes = i < WarmUps ? service.ResidentBytes() : warmBytes;
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        answers.Values.ShouldAllBe(count => count > 0);
        (service.ResidentBytes() - warmBytes).ShouldBeLessThan(MaxGrowthBytes);
    }

    [Fact]
    public async Task A_bad_file_leaves_the_old_model_serving_and_is_reported()
    {
        await using RunningService service = await StartAsync();

        Put("digits.onnx", "no model"u8.ToArray());

        string reason = await RejectedAsync(service.Client, "digits.onnx");
        reason.ShouldStartWith("The model 'digits.onnx' is not an ONNX file that can be loaded");
        (await service.Client.PredictAsync(Requests.Raw(Sample))).Model.Version.ShouldBe(DigitsVersion);
        using HttpResponseMessage ready = await service.Client.GetAsync(HealthApi.ReadyPath);
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);

        Put("digits.onnx", Seed);

        await ServesAsync(service.Client, "digits", SeedVersion);
        (await ListAsync(service.Client)).GetProperty("rejected").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_model_that_violates_the_contract_is_rejected_with_the_name_of_the_tensor()
    {
        await using RunningService service = await StartAsync();

        Put("other.onnx", new OnnxFile { Logits = "scores" }.ToBytes());

        (await RejectedAsync(service.Client, "other.onnx")).ShouldStartWith(
            "The model 'other.onnx' violates the contract: output 'logits' is missing");
        using HttpResponseMessage other = await service.Client.GetAsync("/models/other");
        other.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_model_that_misreads_the_built_in_sample_is_rejected_and_the_old_one_keeps_serving()
    {
        await using RunningService service = await StartAsync();

        Put("digits.onnx", new OnnxFile().ToBytes());

        (await RejectedAsync(service.Client, "digits.onnx")).ShouldStartWith(
            "The model 'digits' reads the built-in sample of a 3 as 0");
        (await service.Client.PredictAsync(Requests.Raw(Sample))).Model.Version.ShouldBe(DigitsVersion);
    }

    [Fact]
    public async Task A_file_that_is_written_slowly_serves_once_it_is_whole()
    {
        await using RunningService service = await StartAsync();
        string path = Path.Combine(_folder.FullName, "digits.onnx");
        await using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite))
        {
            await file.WriteAsync(Seed.AsMemory(0, Seed.Length / 2));
            await file.FlushAsync();
            (await RejectedAsync(service.Client, "digits.onnx")).ShouldContain("is not an ONNX file");
            (await service.Client.PredictAsync(Requests.Raw(Sample))).Model.Version.ShouldBe(DigitsVersion);

            await file.WriteAsync(Seed.AsMemory(Seed.Length / 2));
        }

        await ServesAsync(service.Client, "digits", SeedVersion);
    }

    [Fact]
    public async Task A_new_file_is_a_new_model_and_a_deleted_file_leaves_its_model()
    {
        await using RunningService service = await StartAsync();

        Put("mine.onnx", Seed);
        await ServesAsync(service.Client, "mine", SeedVersion);
        (await service.Client.PredictAsync(Requests.Raw(Sample), "?model=mine")).Model.Name.ShouldBe("mine");
        File.Delete(Path.Combine(_folder.FullName, "mine.onnx"));

        (await RejectedAsync(service.Client, "mine.onnx")).ShouldStartWith("The file was deleted.");
        (await service.Client.PredictAsync(Requests.Raw(Sample), "?model=mine")).Model.Version.ShouldBe(SeedVersion);
        (await service.Client.PredictAsync(Requests.Raw(Sample))).Model.Name.ShouldBe("digits");
    }

    [Fact]
    public async Task A_changed_link_to_a_model_file_is_followed()
    {
        // As volumes of configuration are laid out: a link to a folder of data, which is replaced as a whole.
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "v1"));
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "v2"));
        Put("v1/digits.onnx", Digits);
        Put("v2/digits.onnx", Seed);
        string models = _folder.CreateSubdirectory("models").FullName;
        File.CreateSymbolicLink(Path.Combine(models, "digits.onnx"),
            Path.Combine(_folder.FullName, "v1", "digits.onnx"));
        await using RunningService service =
            await RunningService.StartAsync("--model-folder", models, "--reload-interval", "20ms");

        File.CreateSymbolicLink(Path.Combine(models, "next"), Path.Combine(_folder.FullName, "v2", "digits.onnx"));
        File.Move(Path.Combine(models, "next"), Path.Combine(models, "digits.onnx"), overwrite: true);

        await ServesAsync(service.Client, "digits", SeedVersion);
    }

    [Fact]
    public async Task Reloading_can_be_switched_off()
    {
        await using RunningService off = await RunningService.StartAsync(
            "--model-folder", _folder.FullName, "--reload-interval", "10ms", "--model-reload", "false");
        await using RunningService on = await StartAsync();

        Put("digits.onnx", Seed);

        await ServesAsync(on.Client, "digits", SeedVersion);
        (await off.Client.PredictAsync(Requests.Raw(Sample))).Model.Version.ShouldBe(DigitsVersion);
    }

    private static string VersionOf(string name) =>
        ModelCard.FromJson(File.ReadAllText(Repository.PathOf("models", $"{name}.card.json"))).Version;

    private static float[] Probabilities(string name)
    {
        using DigitClassifier classifier = DigitClassifier.Load(Repository.PathOf("models", $"{name}.onnx"));
        using ClassifierBatch batch = classifier.CreateBatch(1);
        RowSequence.FromPixels(GoldenSample.Pixels, batch.Rows(0));
        batch.Run(1);
        return batch.Probabilities(0).ToArray();
    }

    private static async Task<JsonElement> ListAsync(HttpClient client) =>
        await client.GetFromJsonAsync<JsonElement>("/models");

    private static async Task ServesAsync(HttpClient client, string name, string version)
    {
        using var patience = new CancellationTokenSource(ServiceProcess.Patience);
        while (true)
        {
            using HttpResponseMessage response = await client.GetAsync($"/models/{name}", patience.Token);
            if (response.IsSuccessStatusCode
                && (await response.ReadJsonAsync()).GetProperty("version").GetString() == version)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token);
        }
    }

    /// <returns>The reason.</returns>
    private static async Task<string> RejectedAsync(HttpClient client, string file)
    {
        using var patience = new CancellationTokenSource(ServiceProcess.Patience);
        while (true)
        {
            foreach (JsonElement rejected in (await ListAsync(client)).GetProperty("rejected").EnumerateArray())
            {
                if (rejected.GetProperty("file").GetString() == file)
                {
                    return rejected.GetProperty("reason").GetString()!;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token);
        }
    }

    private Task<RunningService> StartAsync() =>
        RunningService.StartAsync("--model-folder", _folder.FullName, "--reload-interval", "20ms");

    /// <summary>Puts a file in its place at once, as a careful operator does.</summary>
    private void Put(string name, byte[] content)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path + ".part", content);
        File.Move(path + ".part", path, overwrite: true);
    }
}
