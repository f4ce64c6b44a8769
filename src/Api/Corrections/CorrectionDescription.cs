using System.Text.Json;
using Microsoft.OpenApi;
using MnistLstm.Api.Predictions;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MnistLstm.Api.Corrections;

/// <summary>Describes the parameters and the answer of <c>POST /corrections</c> in the OpenAPI document.</summary>
internal sealed class CorrectionDescription : IOperationFilter
{
    private static readonly Correction Example =
        new(7, "7/0f4eea4d4a3a2a5bdb0a32d4d7a7b0e0c6a0c4d1b9a5e7a2f7c7d8e9fa0b1c2d.png");

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (operation.OperationId != CorrectionsApi.Correct)
        {
            return;
        }

        operation.Parameters =
        [
            new OpenApiParameter
            {
                Name = CorrectionHandler.DigitParameter,
                In = ParameterLocation.Query,
                Required = true,
                Description = "The digit that the picture shows.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "0", Maximum = "9" },
            },
            PredictionDescription.DeadlineParameter(),
        ];
        operation.RequestBody = PredictionDescription.OnePicture();
        var answer = (OpenApiResponse)operation.Responses!["200"];
        ((OpenApiMediaType)answer.Content!["application/json"]).Example =
            JsonSerializer.SerializeToNode(Example, CorrectionJson.Default.Correction);
    }
}
