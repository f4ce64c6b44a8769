using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Uploads;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MnistLstm.Api.Predictions;

/// <summary>Describes the parameters and answers of the prediction endpoints in the OpenAPI document.</summary>
internal sealed class PredictionDescription : IOperationFilter
{
    private static readonly Prediction Example = new()
    {
        Digit = 7,
        Probability = 0.991f,
        Probabilities = [0.0005f, 0.001f, 0.002f, 0.001f, 0.0005f, 0.0005f, 0.0005f, 0.991f, 0.001f, 0.002f],
        IsDigit = true,
        Box = new PictureBox(41, 18, 60, 97),
        Model = new ModelReference("digits", "0123456789ab"),
    };

    private static readonly DigitsPrediction DigitsExample = new()
    {
        Text = "7\n7",
        Digits =
        [
            .. new[] { (Line: 0, Box: new PictureBox(41, 18, 60, 97)), (Line: 1, Box: new PictureBox(44, 190, 58, 95)) }
                .Select(place => new PredictedDigit
                {
                    Digit = Example.Digit,
                    Probability = Example.Probability,
                    Probabilities = Example.Probabilities,
                    IsDigit = true,
                    Line = place.Line,
                    Box = place.Box,
                }),
        ],
        Model = Example.Model,
    };

    internal static OpenApiSchema Binary => new() { Type = JsonSchemaType.String, Format = "binary" };

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        switch (operation.OperationId)
        {
            case PredictionsApi.PredictOne:
                operation.Parameters = [ModelParameter(), ExplainParameter(), RotateParameter(), DeadlineParameter()];
                operation.RequestBody = OnePicture();
                Answer(operation, JsonSerializer.SerializeToNode(Example, PredictionJson.Default.Prediction));
                break;

            case PredictionsApi.PredictDigits:
                operation.Parameters = [ModelParameter(), DeadlineParameter()];
                operation.RequestBody = OnePicture();
                Answer(operation,
                    JsonSerializer.SerializeToNode(DigitsExample, DigitsPredictionJson.Default.DigitsPrediction));
                break;

            case PredictionsApi.PredictBatch:
                operation.Parameters = [ModelParameter(), RotateParameter(), DeadlineParameter()];
                operation.RequestBody = new OpenApiRequestBody
                {
                    Description = "The pictures, as the files `files` of a form.",
                    Required = true,
                    Content = new Dictionary<string, IOpenApiMediaType>
                    {
                        [MultipartForm.MediaType] = Form(
                            FormPart.Files, new OpenApiSchema { Type = JsonSchemaType.Array, Items = Binary }),
                    },
                };
                Answer(operation, JsonSerializer.SerializeToNode(
                    new PredictionBatch([new BatchEntry(Example),
                        new BatchEntry(Error: ProblemType.NoInk.WithDetail("The picture is blank."))]),
                    PredictionBatchJson.Default.PredictionBatch));
                break;

            default:
                break;
        }
    }

    /// <summary>
    /// The text alone mentions base64: with a schema, client generators would send it as JSON in the form.
    /// </summary>
    internal static OpenApiRequestBody OnePicture()
    {
        Dictionary<string, IOpenApiMediaType> content = new()
        {
            [MultipartForm.MediaType] = Form(FormPart.File, Binary),
        };
        foreach (string type in UploadedPicture.ContentTypes)
        {
            content[type] = new OpenApiMediaType { Schema = Binary };
        }

        return new OpenApiRequestBody
        {
            Description =
                "The picture, as the file `file` of a form or as the body itself. The service also takes base64: as "
                + "`{\"image\": \"…\"}` in JSON, as the field `image` of a URL-encoded form, or as text. It detects "
                + "the format from the content, whatever the Content-Type.",
            Required = true,
            Content = content,
        };
    }

    /// <summary>Kiota generates a form only for content with an encoding.</summary>
    private static OpenApiMediaType Form(string field, IOpenApiSchema schema) => new()
    {
        Schema = Object(field, schema),
        Encoding = new Dictionary<string, OpenApiEncoding>
        {
            [field] = new OpenApiEncoding { ContentType = "application/octet-stream" },
        },
    };

    private static OpenApiSchema Object(string field, IOpenApiSchema schema) => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { field },
        Properties = new Dictionary<string, IOpenApiSchema> { [field] = schema },
    };

    private static OpenApiParameter ModelParameter() => new()
    {
        Name = PredictionQuery.ModelParameter,
        In = ParameterLocation.Query,
        Description = "Name of the model; the default model if omitted.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static OpenApiParameter ExplainParameter() => new()
    {
        Name = PredictionQuery.ExplainParameter,
        In = ParameterLocation.Query,
        Description = "Adds the network's input and its probabilities after each row.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.Boolean, Default = false },
    };

    private static OpenApiParameter RotateParameter() => new()
    {
        Name = PredictionQuery.RotateParameter,
        In = ParameterLocation.Query,
        Description =
            "Also tries the picture rotated by 90, 180 and 270 degrees; `rotation` is the chosen one.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [PredictionQuery.AutoRotate] },
    };

    internal static OpenApiParameter DeadlineParameter() => new()
    {
        Name = RequestDeadline.Header,
        In = ParameterLocation.Header,
        Description =
            "Maximum seconds to wait. It can only shorten the operator's limit.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.Number, ExclusiveMinimum = "0" },
    };

    private static void Answer(OpenApiOperation operation, JsonNode? example)
    {
        OpenApiResponse answer = Timed(operation);
        ((OpenApiMediaType)answer.Content!["application/json"]).Example = example;
    }

    /// <summary>The answer of an operation that tells the durations of its steps.</summary>
    internal static OpenApiResponse Timed(OpenApiOperation operation)
    {
        var answer = (OpenApiResponse)operation.Responses!["200"];
        answer.Headers = new Dictionary<string, IOpenApiHeader>
        {
            ["Server-Timing"] = new OpenApiHeader
            {
                Description = "Milliseconds for decode, normalize, queue and infer.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            },
        };
        return answer;
    }
}
